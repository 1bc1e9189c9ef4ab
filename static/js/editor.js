// The editor's keys, dragging, values and lines. What stands in the form is replaced by htmx.

const $ = (id) => document.getElementById(id);
const form = $("editor");
let isTyped;
let field;
let dragged;

function number() {
  const text = $("editor-text");
  if (text) $("editor-lines").textContent = text.value.split("\n").map((_, line) => line + 1).join("\n");
}

function goTo(line) {
  const text = $("editor-text");
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1);
  text.setSelectionRange(start, start + lines[line - 1].length);
  text.blur();
  text.focus();
}

form.addEventListener("input", () => {
  isTyped = true;
  number();
});
form.addEventListener("focusin", ({ target }) => { if (target.matches("[data-value]")) field = target; });

form.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open], [data-to-line], [data-insert], [data-idle]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { toLine, insert, open } = link.dataset;
  if (toLine) goTo(toLine);
  // A request of the link itself would be lost where it waits for a save whose answer draws the link anew.
  if (open === "") htmx.ajax("GET", link.href, { source: "#editor-go", target: form });
  if (!insert) return;
  const into = field?.isConnected ? field : form.querySelector(".part-fields [data-value]");
  into.focus();
  into.setRangeText(insert, into.selectionStart, into.selectionEnd, "end");
  for (const type of ["input", "change"]) into.dispatchEvent(new Event(type, { bubbles: true }));
});

document.addEventListener("keydown", (event) => {
  const { key, altKey, ctrlKey, metaKey } = event;
  const act = ctrlKey || metaKey ? { s: "editor-save", Enter: "editor-test" } : altKey && { ArrowUp: "act-up", ArrowDown: "act-down" };
  const button = $(act[key]);
  if (!button || $("modal").open) return;
  event.preventDefault();
  button.click();
});

// What is dropped on a line goes before it.
const lineAt = ({ target }) => target.closest?.("[data-path]");
function mark(line) {
  form.querySelector(".drop")?.classList.remove("drop");
  line?.classList.add("drop");
}
form.addEventListener("dragstart", (event) => { dragged = lineAt(event)?.dataset.path; });
form.addEventListener("dragover", (event) => {
  const line = dragged && lineAt(event);
  mark(line);
  if (line) event.preventDefault();
});
form.addEventListener("drop", (event) => {
  event.preventDefault();
  $("editor-drop").value = `move ${dragged} ${lineAt(event).dataset.path}`;
  $("editor-drop").click();
});
form.addEventListener("dragend", () => { mark(); dragged = ""; });

document.addEventListener("htmx:afterOnLoad", ({ detail }) => { if (detail.xhr.status > 400) $("error-summary")?.focus(); });
document.addEventListener("htmx:afterSettle", ({ detail }) => { if (detail.target === form) number(); });
// Sent twice, the same text changes nothing.
addEventListener("pagehide", () => { if (window.htmx && isTyped) navigator.sendBeacon(form.action, new FormData(form)); });
number();
