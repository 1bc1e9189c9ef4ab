// The text editor: line numbers, Ctrl S and Ctrl Enter, going to a finding's line, and a warning before unsaved text is left.

const form = document.getElementById("editor-form");
const text = document.getElementById("editor-text");
const numbers = document.getElementById("editor-lines");
let saved = text.value;
let sent = saved;
let isLeaving = false;

function number() {
  const lines = text.value.split("\n").length;
  if (numbers.childElementCount === 0 && Number(numbers.dataset.lines) === lines) return;
  numbers.dataset.lines = lines;
  numbers.textContent = Array.from({ length: lines }, (_, line) => line + 1).join("\n");
  numbers.scrollTop = text.scrollTop;
}

// Selects a whole line and brings it into sight.
function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, start + (lines[line - 1] || "").length);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (line - 4) * height);
  text.scrollIntoView({ block: "nearest" });
}

text.addEventListener("input", number);
text.addEventListener("scroll", () => { numbers.scrollTop = text.scrollTop; });
number();
if (text.dataset.line) goTo(Number(text.dataset.line));

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-to-line]");
  if (!link) return;
  event.preventDefault();
  goTo(Number(link.dataset.toLine));
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
  const button = { s: "editor-save", Enter: "editor-test" }[event.key];
  const pressed = button && document.getElementById(button);
  if (!pressed) return;
  event.preventDefault();
  pressed.click(); // htmx learns the button from the click
});

form.addEventListener("submit", () => { sent = text.value; isLeaving = !window.htmx; });

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.requestConfig.elt !== form) return;
  const { status } = event.detail.xhr;
  if (status < 400) saved = sent;
  text.toggleAttribute("aria-invalid", false);
});

// Out-of-band pieces are in place once the whole answer has been worked off.
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.requestConfig.elt !== form) return;
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
  else document.getElementById("editor-results").scrollIntoView({ block: "nearest" });
});

window.addEventListener("beforeunload", (event) => {
  if (!isLeaving && text.value !== saved) event.preventDefault();
});
