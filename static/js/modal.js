// The page's one dialog: opens after a swap into it, closes on modal-close, gives the focus back.

const modal = document.getElementById("modal");
const say = document.getElementById("phrases").dataset;
let origin = null; // where the focus goes back to: ids, because the list may be redrawn meanwhile
let asked = false;

function remember(element) {
  if (element === modal) return { rows: [] };
  const menu = element.closest("[data-menu]");
  const opener = menu ? document.getElementById(`${menu.id}-button`) : element;
  const row = element.closest("[data-row]");
  const rows = row ? [...row.parentElement.children].map((one) => one.id) : [];
  const place = row ? rows.indexOf(row.id) : -1;
  return { opener, id: opener?.id, rows: row ? [...rows.slice(place), ...rows.slice(0, place).reverse()] : [] };
}

function giveBack() {
  if (!origin) return;
  const same = origin.opener?.isConnected ? origin.opener : origin.id && document.getElementById(origin.id);
  const row = origin.rows.map((id) => document.getElementById(id)).find(Boolean);
  const target = same || row?.querySelector("th a, a, button") || document.getElementById("heading");
  target?.focus();
}

function firstFocus() {
  const summary = modal.querySelector("#error-summary");
  const field = modal.querySelector("form :is(input:not([type=hidden]), select, textarea):not(:disabled)");
  const chosen = summary || modal.querySelector("[data-focus]") || field;
  (chosen || modal.querySelector("#dialog-cancel") || modal.querySelector("[data-close]"))?.focus();
}

function isTyped() {
  return [...modal.querySelectorAll("input, textarea, select")].some((field) => {
    if (field.type === "hidden" || field.role === "combobox") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((o) => o.selected !== o.defaultSelected) && field.selectedIndex > 0;
    return field.value !== field.defaultValue;
  });
}

function tell(text) {
  document.dispatchEvent(new CustomEvent("problem", { detail: { text } }));
}

// True if it may close now; typed text asks once.
function mayClose() {
  if (asked || !isTyped()) return true;
  asked = true;
  tell(say.discard);
  return false;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  if (target?.id !== "modal") return;
  if (!modal.open) origin = remember(elt);
  if (event.detail.requestConfig.verb !== "get") setSending(true);
});

function setSending(is) {
  const active = document.activeElement;
  for (const button of modal.querySelectorAll("button")) {
    if (is && !button.disabled) button.dataset.sending = "";
    if (button.dataset.sending !== undefined) button.disabled = is;
    if (!is) delete button.dataset.sending;
  }
  if (is && modal.contains(active)) origin && (origin.sender = active.id);
  else if (!is && origin?.sender && document.activeElement === document.body) document.getElementById(origin.sender)?.focus();
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target?.id === "modal") setSending(false);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "modal") return;
  asked = false;
  if (!modal.open) modal.showModal();
  firstFocus();
});

document.addEventListener("modal-close", () => modal.open && modal.close());

modal.addEventListener("cancel", (event) => {
  if (!mayClose()) event.preventDefault();
});
modal.addEventListener("click", (event) => {
  if (event.target === modal && mayClose()) modal.close();
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  modal.close();
});
modal.addEventListener("close", () => {
  modal.replaceChildren();
  giveBack();
});

// A list that is redrawn after the act may take the opener with it.
document.addEventListener("htmx:afterSettle", () => {
  if (origin && !modal.open && document.activeElement === document.body) giveBack();
});
for (const type of ["pointerdown", "keydown"]) {
  document.addEventListener(type, () => { if (!modal.open) origin = null; }, true);
}

// A page that came refused without htmx: the summary has the focus.
document.querySelector("main #error-summary")?.focus();
