// Menus and dropdowns. The server sends details elements; here they become buttons with a panel.
// [data-menu] follows the APG menu button pattern; other .dropdown elements are plain disclosures.

let open = null;

function upgrade(details) {
  const summary = details.querySelector(":scope > summary");
  const panel = details.querySelector(":scope > .panel");
  const box = document.createElement("div");
  const button = document.createElement("button");
  const isMenu = details.hasAttribute("data-menu");
  for (const { name, value } of details.attributes) if (name !== "open") box.setAttribute(name, value);
  for (const { name, value } of summary.attributes) button.setAttribute(name, value);
  button.type = "button";
  button.append(...summary.childNodes);
  panel.id ||= `${details.id}-panel`;
  panel.hidden = true;
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", panel.id);
  box.dataset.dropdown = "";
  if (isMenu) {
    button.setAttribute("aria-haspopup", "menu");
    panel.setAttribute("role", "menu");
    panel.setAttribute("aria-labelledby", button.id);
    for (const item of items(panel)) {
      item.setAttribute("role", "menuitem");
      item.tabIndex = -1;
    }
    panel.querySelectorAll("hr").forEach((line) => line.setAttribute("role", "separator"));
  }
  const hadFocus = document.activeElement === summary;
  details.replaceWith(box);
  box.append(button, panel);
  if (hadFocus) button.focus({ preventScroll: true });
}

const items = (panel) => [...panel.querySelectorAll("a, button")];
const parts = (box) => ({ button: box.querySelector("[aria-controls]"), panel: box.querySelector(".panel") });

function show(box) {
  if (open && open !== box) hide(open);
  const { button, panel } = parts(box);
  panel.hidden = false;
  button.setAttribute("aria-expanded", "true");
  const below = window.innerHeight - button.getBoundingClientRect().bottom;
  box.toggleAttribute("data-up", below < panel.offsetHeight + 8 && button.getBoundingClientRect().top > panel.offsetHeight + 60);
  box.removeAttribute("data-end");
  const { left, right } = panel.getBoundingClientRect();
  box.toggleAttribute("data-end", right > window.innerWidth || left < 0);
  open = box;
}

function hide(box, { focus = false } = {}) {
  const { button, panel } = parts(box);
  panel.hidden = true;
  button.setAttribute("aria-expanded", "false");
  if (open === box) open = null;
  if (focus) button.focus();
}

function step(panel, by) {
  const list = items(panel);
  const at = list.indexOf(document.activeElement);
  list[(at + by + list.length) % list.length]?.focus();
}

function byLetter(panel, letter) {
  const list = items(panel);
  const at = list.indexOf(document.activeElement);
  const rest = [...list.slice(at + 1), ...list.slice(0, at + 1)];
  rest.find((item) => item.textContent.trim().toLowerCase().startsWith(letter))?.focus();
}

function menuButtonKey(event, box) {
  if (!["ArrowDown", "ArrowUp", "Enter", " "].includes(event.key)) return;
  event.preventDefault();
  show(box);
  items(parts(box).panel).at(event.key === "ArrowUp" ? -1 : 0)?.focus();
}

function menuKey(event, box) {
  const { panel } = parts(box);
  const moves = { ArrowDown: () => step(panel, 1), ArrowUp: () => step(panel, -1), Home: () => items(panel)[0].focus(), End: () => items(panel).at(-1).focus() };
  if (event.key === "Tab") {
    hide(box, { focus: true });
    return;
  }
  if (event.key === " ") {
    event.preventDefault();
    document.activeElement.click();
  } else if (moves[event.key]) {
    event.preventDefault();
    moves[event.key]();
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    byLetter(panel, event.key.toLowerCase());
  }
  event.stopPropagation();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dropdown] > [aria-controls]");
  if (button) {
    const box = button.parentElement;
    if (open === box) hide(box);
    else {
      show(box);
      if (box.hasAttribute("data-menu") && event.detail === 0) items(parts(box).panel)[0]?.focus();
    }
    return;
  }
  if (open && (!open.contains(event.target) || (open.hasAttribute("data-menu") && event.target.closest("a, button")))) hide(open);
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-dropdown]");
  if (!box) return;
  if (event.key === "Escape" && open === box) {
    event.preventDefault();
    event.stopPropagation();
    hide(box, { focus: true });
    return;
  }
  if (!box.hasAttribute("data-menu")) return;
  if (event.target.closest(".panel")) menuKey(event, box);
  else menuButtonKey(event, box);
}, true);

// Leaving a dropdown by Tab closes it.
document.addEventListener("focusin", (event) => {
  if (open && !open.contains(event.target)) hide(open);
});

// An open panel finds its place anew.
window.addEventListener("resize", () => open && show(open));

function upgradeAll(root) {
  root.querySelectorAll("details.menu, details.dropdown").forEach(upgrade);
  if (open && !open.isConnected) open = null;
}

// Before the browser paints, so that nothing flickers.
document.addEventListener("htmx:afterSwap", (event) => upgradeAll(event.detail.elt.parentElement || document));
upgradeAll(document);

const toggle = document.getElementById("navigation-toggle");
toggle?.addEventListener("click", () => {
  const isOpen = document.getElementById("navigation").toggleAttribute("data-open");
  toggle.setAttribute("aria-expanded", String(isOpen));
});
