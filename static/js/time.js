// Adds how long ago to <time data-relative>, after the absolute time, which stays.

const UNITS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];
const language = document.documentElement.lang || "en";
// Only seconds may become a word ("now"): "tomorrow" would be wrong for what lies more than a calendar day ahead.
const words = new Intl.RelativeTimeFormat(language, { numeric: "always", style: "short" });
const now = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });

function relative(moment) {
  let amount = (moment - Date.now()) / 1000;
  for (const [unit, size] of UNITS) {
    const whole = Math.round(amount);
    if (Math.abs(whole) < size) return (unit === "second" ? now : words).format(whole, unit);
    amount /= size;
  }
  return "";
}

function render(root) {
  for (const time of root.querySelectorAll("time[data-relative]")) {
    const text = relative(new Date(time.dateTime));
    const span = time.querySelector(".ago") || time.appendChild(document.createElement("span"));
    span.className = "ago";
    if (span.textContent !== text) span.textContent = text;
    if (!span.previousSibling.textContent.endsWith(" ")) span.before(" ");
  }
}

const isStill = () => document.hidden || document.getElementById("pause-updates")?.dataset.state === "paused";

// afterSwap comes before the browser paints, htmx:load after it: the text must not jump.
document.addEventListener("htmx:afterSwap", (event) => render(event.detail.elt.parentElement || document));
setInterval(() => isStill() || render(document), 15000);
render(document);
