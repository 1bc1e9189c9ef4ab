// Letter shortcuts: ignored in fields, in dialogs and with modifiers; data-letters="off" on <html> switches them off.

const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea, [contenteditable]";
let going = 0; // when g was pressed

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
  n: () => press(document.querySelector("[data-new]")),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.documentElement.dataset.letters === "off" || document.getElementById("modal").open) return;
  if (event.target.closest?.(FIELDS) || event.target.closest?.("[role=menu]")) return;
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
