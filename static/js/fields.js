// Small aids in forms: characters left (data-counter, data-counts), and copying (data-copy names the element).

const say = document.getElementById("phrases").dataset;

function count(line) {
  const field = document.getElementById(line.dataset.counts);
  const left = Number(line.dataset.counter) - [...(field?.value || "").trim().normalize("NFC")].length;
  line.toggleAttribute("data-over", left < 0);
  line.textContent = (left < 0 ? say.over : say.left).replace("{}", Math.abs(left));
}

const counters = (root) => root.querySelectorAll("[data-counter]");

document.addEventListener("input", (event) => {
  if (!event.target.id) return;
  counters(document).forEach((line) => line.dataset.counts === event.target.id && count(line));
});
document.addEventListener("htmx:afterSwap", (event) => counters(event.detail.elt.parentElement || document).forEach(count));
counters(document).forEach(count);

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    document.dispatchEvent(new CustomEvent("notice", { detail: { text: say.copied } }));
  } catch {
    // Without a secure context there is no clipboard: select it, so that the person can.
    document.getSelection().selectAllChildren(source);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

// A link of an error summary leads to its field, which may be in a dialog.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  (field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea"))?.focus();
});
