// Keys. Letter shortcuts: ignored in fields, in dialogs and with modifiers; data-letters="off" on <html> switches them off.
// The palette stands in the same file, because apart both would be a fifth larger.

const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea, [contenteditable]";
let going = 0; // when g was pressed
let opening = 0;

const rows = () => [...document.querySelectorAll("[data-row]")];
const current = () => document.activeElement?.closest?.("[data-row]");
const press = (element) => element && (element.click(), true);

function move(by) {
  const all = rows();
  const at = all.indexOf(current());
  const row = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  row?.querySelector("th a, a, button")?.focus();
}

// The verb stands in the menu of the row, else of the page.
const verb = (...names) => {
  const place = current() || document.querySelector("[data-page-menu]") || document;
  const links = names.map((name) => place.querySelector(`[data-verb="${name}"]`)).filter(Boolean);
  return press(current() || links.length === 1 || place !== document ? links[0] : null);
};

// The step after or before the open one, on a run's page.
function walk(by) {
  const all = [...document.querySelectorAll("#run a[aria-expanded]")];
  const at = all.findIndex((one) => one.ariaExpanded === "true");
  press(all[at < 0 && by < 0 ? all.length - 1 : at + by]);
}

const KEYS = {
  "?": () => press(document.getElementById("help")),
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  x: () => press(current()?.querySelector("[data-select]")),
  o: () => press(current()?.querySelector("[data-quick-look]")) || verb("overview"),
  e: () => verb("edit"),
  p: () => verb("pause", "resume"),
  ".": () => press((current() || document).querySelector("[data-menu] > [aria-haspopup]")),
  n: () => press(document.querySelector("[data-new]")) || walk(1),
  b: () => walk(-1),
  f: () => press(document.getElementById("go-to-failure")),
  r: () => press(document.getElementById("replay-run")),
};

document.addEventListener("keydown", (event) => {
  const isPalette = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === "k";
  if (isPalette && !document.getElementById("modal").open && press(document.getElementById("palette-button"))) {
    event.preventDefault();
    opening = Date.now(); // what is typed before it is open is no letter shortcut
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.documentElement.dataset.letters === "off" || document.getElementById("modal").open) return;
  if (Date.now() - opening < 1000 || event.target.closest?.(FIELDS) || event.target.closest?.("[role=menu]")) return;
  if (going && Date.now() - going < 1500) {
    going = 0;
    if (press(document.querySelector(`[data-go="${CSS.escape(event.key)}"]`))) event.preventDefault();
    return;
  }
  if (event.key === "g") {
    going = Date.now();
    return;
  }
  if (!KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

// The palette: the focus stays in the field; Up and Down choose among the links found, Enter opens the chosen one.

const field = () => document.querySelector("#modal [role=combobox]");
const options = () => [...document.querySelectorAll("#palette-results [role=option]")];

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  field().setAttribute("aria-activedescendant", option?.id || "");
  option?.scrollIntoView({ block: "nearest" });
}

const found = () => document.querySelector("#modal #palette-results");

document.addEventListener("htmx:afterSwap", () => {
  const results = found();
  if (!results || results.querySelector("[aria-selected=true]")) return;
  choose(options()[0]);
  document.dispatchEvent(new CustomEvent("notice", { detail: { text: results.dataset.found, quiet: true } }));
});

// What was typed before htmx listened to the field.
document.addEventListener("htmx:afterSettle", () => {
  if (found() && field().value !== found().dataset.q) htmx.trigger(field(), "input");
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("#modal [role=combobox]")) return;
  const all = options();
  const at = all.findIndex((one) => one.ariaSelected === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) choose(all.at((at + by) % all.length));
  else if (event.key === "Enter") all[at]?.click();
  else return;
  event.preventDefault();
});
