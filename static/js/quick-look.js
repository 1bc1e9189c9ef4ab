// Quick look stands in the list's address as overview=<id>: opening it is a step in the history, so Back closes it;
// Up and Down go to the neighbouring rows.

const modal = document.getElementById("modal");
const shown = () => modal.querySelector("[data-overview]")?.dataset.overview;
const links = () => [...document.querySelectorAll("[data-quick-look]")];
let isPushed = false;

function addressed() {
  return new URL(location.href).searchParams.get("overview");
}

function address(id) {
  const url = new URL(location.href);
  if (id) url.searchParams.set("overview", id);
  else url.searchParams.delete("overview");
  return url;
}

function neighbour(by) {
  const all = links();
  const at = all.findIndex((link) => link.dataset.quickLook === shown());
  return at < 0 ? undefined : all[at + by];
}

function step(by) {
  const link = neighbour(by);
  if (link) htmx.ajax("GET", link.href, { target: "#modal", source: link });
}

// The address follows what the dialog shows; a verb's dialog stays out of it.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "modal") return;
  const id = shown();
  if (!id && addressed()) history.replaceState(history.state, "", address());
  if (!id || !links().length) return;
  if (addressed()) history.replaceState(history.state, "", address(id));
  else {
    history.pushState({ quickLook: true }, "", address(id));
    isPushed = true;
  }
  for (const button of modal.querySelectorAll("[data-step]")) {
    button.hidden = false;
    button.disabled = !neighbour(Number(button.dataset.step));
  }
});

modal.addEventListener("close", () => {
  if (!addressed()) return;
  if (isPushed && history.state?.quickLook) history.back();
  else history.replaceState(history.state, "", address());
});

// Before htmx, which would load the page anew: behind the dialog the list is as it was.
window.addEventListener("popstate", (event) => {
  if (!isPushed || addressed()) return;
  isPushed = false;
  event.stopImmediatePropagation();
  if (modal.open) modal.close();
});

modal.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) step(Number(button.dataset.step));
});
modal.addEventListener("keydown", (event) => {
  if (!shown() || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("[role=menu], [data-menu]")) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || !neighbour(by)) return;
  event.preventDefault();
  step(by);
});
