"""What goes wrong with long texts, other directions and wide spacing: found by measuring boxes."""

from playwright.sync_api import Page

# Text that is cut off or sticks out of its box, controls that lie on each other, pages that scroll sideways.
FAULTS = """() => {
  const found = [];
  const name = (element) => `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""}.${element.className?.baseVal ?? element.className} "${element.textContent.trim().slice(0, 40)}"`;
  // The headers of a table whose rows are cards, which only a screen reader has.
  const isClipped = (element) => (element.closest("thead th")?.getBoundingClientRect().width ?? 9) < 3;
  const isShown = (element) => element.checkVisibility({visibilityProperty: true}) && !element.closest(".hidden-text, .script-off, svg, [data-canvas]") && !isClipped(element);
  const root = document.querySelector("dialog[open]") || document.body;
  const sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (sideways > 0) {
    found.push(`the page scrolls sideways by ${sideways}`);
    for (const element of document.querySelectorAll("main *, header *")) {
      const box = element.getBoundingClientRect();
      if (isShown(element) && (box.right > innerWidth + 1 || box.left < -1) && !element.children.length) found.push(`  out: ${name(element)}`);
    }
  }
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const holders = new Set();
  while (walker.nextNode()) if (walker.currentNode.data.trim()) holders.add(walker.currentNode.parentElement);
  for (const holder of holders) {
    const own = holder.getBoundingClientRect();
    if (own.width < 3 || own.height < 3 || !isShown(holder) || holder.closest("textarea, select, pre, .skip, .scrolls")) continue;
    const box = holder.closest("button, a.button, .badge, .tag, td, th, dt, dd, label, h1, h2, p, li, summary") || holder;
    const style = getComputedStyle(box);
    if (style.display === "inline" || style.textOverflow === "ellipsis" || /auto|scroll/.test(style.overflowX)) continue;
    if (box.scrollWidth > box.clientWidth + 2 && box.clientWidth) found.push(`text sticks out: ${name(box)} ${box.scrollWidth}>${box.clientWidth}`);
    if (/hidden|clip/.test(style.overflowY) && box.scrollHeight > box.clientHeight + 2) found.push(`text is cut off: ${name(box)}`);
  }
  // What its scrolling ancestors let through of an element.
  const seen = (element) => {
    let {left, right, top, bottom} = element.getBoundingClientRect();
    for (let box = element.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflowY === "visible" || box === document.documentElement || box === document.body) continue;
      const frame = box.getBoundingClientRect();
      [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
      [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    }
    return {left, right, top, bottom, width: right - left, height: bottom - top};
  };
  const controls = [...root.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((one) => isShown(one) && !one.closest("[data-bulk], .top-bar, .skip, [role=menu]"))
    .map((one) => [one, seen(one)]).filter(([, box]) => box.width > 2 && box.height > 2);
  for (let first = 0; first < controls.length; first++) {
    for (let second = first + 1; second < Math.min(controls.length, first + 40); second++) {
      const [[one, a], [other, b]] = [controls[first], controls[second]];
      if (one.contains(other) || other.contains(one)) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 3 && high > 3) found.push(`on each other: ${name(one)} and ${name(other)}`);
    }
  }
  return [...new Set(found)].slice(0, 20);
}"""

# Every text that a person sees or a screen reader says, outside of what is data by its nature.
SAID = """() => {
  const texts = [];
  const data = "code, pre, textarea, kbd, .mono, time, .ago, script, style, [data-user], option, .brand";
  const isShown = (element) => element.checkVisibility() && !element.closest(data);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (isShown(walker.currentNode.parentElement)) texts.push(walker.currentNode.data);
  for (const element of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]")) {
    if (!isShown(element)) continue;
    for (const attribute of ["aria-label", "placeholder", "title", "alt"]) texts.push(element.getAttribute(attribute) || "");
  }
  texts.push(document.title);
  return texts;
}"""


def faults(page: Page) -> list[str]:
    """What cannot be read or pressed as it stands; empty where all is well."""
    found: list[str] = page.evaluate(FAULTS)
    return found


def said(page: Page) -> list[str]:
    """All texts of the page."""
    found: list[str] = page.evaluate(SAID)
    return found
