// Ticking rows: the header box takes the page and offers all that match, Shift extends from the last tick, the bar tells how many.

const say = document.getElementById("phrases").dataset;
let last = "";

const boxes = () => [...document.querySelectorAll("[data-select]")];

function render() {
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  const isPage = ticked > 0 && ticked === all.length;
  for (const head of document.querySelectorAll("[data-select-all]")) {
    head.checked = isPage;
    head.indeterminate = ticked > 0 && !isPage;
  }
  for (const bar of document.querySelectorAll("[data-bulk]")) renderBar(bar, ticked, isPage);
}

function renderBar(bar, ticked, isPage) {
  const offer = bar.querySelector("[data-bulk-all]");
  const everything = offer?.querySelector("input");
  bar.hidden = ticked === 0;
  if (offer) offer.hidden = !isPage;
  if (everything && !isPage) everything.checked = false;
  const count = everything?.checked ? Number(bar.dataset.total) : ticked;
  bar.querySelector("[data-bulk-count]").textContent = say.selected.replace("{}", count.toLocaleString(document.documentElement.lang));
}

function extend(to, isTicked) {
  const all = boxes();
  const from = all.findIndex((box) => box.id === last);
  const end = all.indexOf(to);
  if (from < 0) return;
  all.slice(Math.min(from, end), Math.max(from, end) + 1).forEach((box) => { box.checked = isTicked; });
}

// A click event comes from the pointer and from Space alike, and knows about Shift.
document.addEventListener("click", (event) => {
  const box = event.target;
  if (box.matches?.("[data-select-all]")) boxes().forEach((one) => { one.checked = box.checked; });
  else if (box.matches?.("[data-select]")) {
    if (event.shiftKey) extend(box, box.checked);
    last = box.id;
  } else return;
  render();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select], [data-select-all], #bulk-all")) render();
});
document.addEventListener("htmx:afterSettle", render);
render();
