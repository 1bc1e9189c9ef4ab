// Messages: the page's one status region and its one alert region. Nothing vanishes by itself; the next act replaces it.
// Listens to: notice {text, undo, quiet}, problem {text, request, retry}, gone {text, id}; and to failed requests.

const status = document.getElementById("status");
const problem = document.getElementById("problem");
const say = document.getElementById("phrases").dataset;

function place(region) {
  // Everything outside an open modal dialog is inert, so the region moves in while it has something to say there.
  const modal = document.getElementById("modal");
  const home = modal.open ? modal : document.getElementById("regions");
  if (region.parentElement !== home) home.prepend(region);
}

function goHome() {
  document.getElementById("regions").append(status, problem);
}

function button(text, act, css = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.className = css;
  made.addEventListener("click", act);
  return made;
}

function show(region, text, extras) {
  place(region);
  const line = document.createElement("p");
  const words = document.createElement("span");
  words.textContent = text;
  line.append(words, ...extras, button(say.dismiss, () => line.remove(), "dismiss"));
  region.replaceChildren(line);
}

function undoButton(undo) {
  const made = button(undo.label || say.undo, () => {});
  made.setAttribute("hx-post", undo.url);
  made.setAttribute("hx-swap", "none");
  return made;
}

document.addEventListener("notice", (event) => {
  const { text, value, undo, quiet } = event.detail;
  problem.replaceChildren();
  if (quiet) {
    const line = document.createElement("p");
    line.className = "hidden-text";
    line.textContent = text;
    status.querySelector("p.hidden-text")?.remove();
    status.append(line);
    return;
  }
  show(status, text || value, undo ? [undoButton(undo)] : []);
  if (undo) htmx.process(status);
});

document.addEventListener("problem", (event) => {
  const { text, value, request, retry } = event.detail;
  const extras = [];
  if (request) {
    const id = document.createElement("span");
    id.className = "request";
    id.textContent = say.request.replace("{}", request);
    extras.push(id);
  }
  if (retry) extras.push(button(say.retry, () => { problem.replaceChildren(); retry(); }));
  show(problem, text || value, extras);
});

document.addEventListener("gone", (event) => {
  const { text, id } = event.detail;
  const element = document.getElementById(id) || event.target;
  const row = element.closest?.("[data-row]");
  const next = row?.nextElementSibling || row?.previousElementSibling;
  const had = row?.contains(document.activeElement);
  row?.remove();
  if (row && (had || document.activeElement === document.body)) {
    (next?.querySelector("a, button") || document.getElementById("heading"))?.focus();
  }
  document.dispatchEvent(new CustomEvent("problem", { detail: { text } }));
});

// A failed poll is the poll module's business: it tries again by itself.
const isPoll = (detail) => detail.requestConfig?.triggeringEvent?.type === "poll";

function retry({ elt, requestConfig }) {
  if (!elt.isConnected) return;
  const type = requestConfig.triggeringEvent?.type;
  if (elt.matches("form") && type === "submit") elt.requestSubmit();
  else htmx.trigger(elt, type || "click");
}

function report(event, text) {
  const { detail } = event;
  if (isPoll(detail)) return;
  const request = detail.xhr?.getResponseHeader?.("Signalbox-Request") || "";
  document.dispatchEvent(new CustomEvent("problem", { detail: { text, request, retry: () => retry(detail) } }));
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.getResponseHeader("HX-Trigger") || xhr.getResponseHeader("HX-Redirect")) return;
  report(event, xhr.status >= 500 ? say.failed : say.refused);
});
document.addEventListener("htmx:sendError", (event) => report(event, say.offline));
document.addEventListener("htmx:timeout", (event) => report(event, say.offline));

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPoll(event.detail)) return;
  if (event.detail.requestConfig.verb !== "get") problem.replaceChildren();
  if (event.detail.target?.id !== "modal") event.detail.target?.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));

// The dialog's content is replaced as a whole: take the regions out before they go with it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "modal" && event.detail.shouldSwap) {
    problem.replaceChildren();
    goHome();
  }
});
document.getElementById("modal").addEventListener("close", goHome);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) problem.replaceChildren();
});
