// Filters apply at once: ticks immediately, typing after 250 ms; the last input wins. Focus stays where it is.

// A request that gave way to a newer one is no error, but htmx would write it to the console as one.
htmx.logger = (element, name, detail) => {
  if (name === "htmx:sendAbort" || name === "htmx:afterRequest") delete detail.error;
};

const form = document.getElementById("filters");
let timer = 0;

// A form sends each box on its own; addresses carry one comma-separated value, and no defaults.
function tidy(parameters) {
  for (const boxes of form.querySelectorAll("fieldset[data-name]")) {
    const { name, default: usual } = boxes.dataset;
    const ticked = [...boxes.querySelectorAll("input:checked")].map((box) => box.value);
    delete parameters[name];
    const isUsual = usual && ticked.length === usual.split(",").length && ticked.every((value) => usual.split(",").includes(value));
    if (!isUsual) parameters[name] = ticked.join(",") || (usual ? "none" : "");
  }
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
}

function apply() {
  clearTimeout(timer);
  htmx.trigger(form, "filter");
}

// A chip's filter is emptied in its field, so that the next filter does not bring it back.
function empty(name) {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else if (field.type !== "submit") field.value = "";
  }
}

if (form) {
  form.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-remove]");
    if (!chip) return;
    event.preventDefault();
    empty(chip.dataset.remove);
    apply();
    (document.getElementById("more-filters-button") || form.querySelector("[data-search]"))?.focus();
  });
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-search], input[type=text]")) return;
    clearTimeout(timer);
    timer = setTimeout(apply, 250);
  });
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-search], input[type=text]")) apply();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === form) tidy(event.detail.parameters);
  });
}

// The count is announced once for each change of the filters, never for a poll.
document.addEventListener("htmx:afterOnLoad", (event) => {
  const { target, requestConfig } = event.detail;
  if (target?.id !== "list" || !form?.contains(requestConfig.elt)) return;
  const text = document.getElementById("results-count")?.textContent || "";
  document.dispatchEvent(new CustomEvent("notice", { detail: { text, quiet: true } }));
});
