// Live refresh: fires "poll" on elements with data-poll (seconds), only while the page is visible and nobody is in the way.

const BACK_OFF = [2, 5, 15, 60];
const states = new Map(); // by element id, because each answer replaces the element
const say = document.getElementById("phrases").dataset;
const freshness = document.getElementById("freshness");

const isPaused = () => document.getElementById("pause-updates")?.dataset.state === "paused";
const jitter = (seconds) => seconds * 1000 * (0.9 + Math.random() * 0.2);
// data-poll stands on the element that asks, or inside it where that element stays while its content is swapped.
const regions = () => [...document.querySelectorAll("[data-poll]")].map((mark) => mark.closest("[hx-get]"));
const marked = (region) => (region.matches("[data-poll]") ? region : region.querySelector("[data-poll]"));
const period = (region) => Number(marked(region)?.dataset.poll || 0);

function stateOf(region) {
  let state = states.get(region.id);
  if (!state) {
    state = { due: Date.now() + jitter(period(region)), failures: 0, seen: Date.now(), waits: false, sent: false };
    states.set(region.id, state);
  }
  return state;
}

// True while somebody works in the region: a refresh would pull the ground away.
function isBusy(region) {
  const active = document.activeElement;
  if (region.contains(active) && active.matches("input, select, textarea, [contenteditable]")) return true;
  if (region.querySelector("[data-select]:checked, [aria-expanded='true'], details:is(.menu,.twin)[open]")) return true;
  const selection = document.getSelection();
  return Boolean(selection && !selection.isCollapsed && selection.rangeCount && selection.getRangeAt(0).intersectsNode(region));
}

// Another request for the same place is under way, such as a filter's.
const isAsking = (region) => region.matches(".htmx-request, [aria-busy='true']");

function ask(region, isWanted = false) {
  const state = stateOf(region);
  if (state.sent) return;
  state.sent = true;
  state.isWanted = isWanted;
  state.waits = false;
  htmx.trigger(region, "poll");
}

function tick() {
  if (document.hidden || isPaused()) return render();
  for (const region of regions()) {
    const state = stateOf(region);
    if (state.sent || Date.now() < state.due || isAsking(region)) continue;
    state.waits = isBusy(region);
    if (!state.waits) ask(region);
  }
  render();
}

function ago(moment) {
  const seconds = Math.round((Date.now() - moment) / 1000);
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short" });
  return seconds < 90 ? words.format(-seconds, "second") : words.format(-Math.round(seconds / 60), "minute");
}

function render() {
  if (!freshness) return;
  const shown = regions().map(stateOf);
  const lost = shown.filter((state) => state.failures > 0);
  const waits = shown.some((state) => state.waits) && !isPaused();
  const text = lost.length ? say.stale.replace("{}", ago(Math.min(...lost.map((state) => state.seen)))) : waits ? say.waiting : "";
  freshness.hidden = !text;
  const words = freshness.querySelector("span") || freshness.appendChild(document.createElement("span"));
  if (words.textContent !== text) words.textContent = text;
  const button = freshness.querySelector("button");
  if (waits && !lost.length && !button) freshness.append(showNow());
  if ((!waits || lost.length) && button) button.remove();
}

function showNow() {
  const made = document.createElement("button");
  made.type = "button";
  made.id = "show-now";
  made.textContent = say.show;
  made.addEventListener("click", () => regions().filter((region) => stateOf(region).waits).forEach((region) => ask(region, true)));
  return made;
}

const isPoll = (event) => event.detail.requestConfig?.triggeringEvent?.type === "poll";
// After a swap events come from a parent, so the element that asked is read from the request itself.
const asker = (event) => event.detail.requestConfig.elt;

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters, triggeringEvent } = event.detail;
  const since = triggeringEvent?.type === "poll" && marked(elt)?.dataset.mark;
  if (since) parameters.since = since;
});

// Someone may have begun to work in the region while the answer was on its way.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isPoll(event) || !event.detail.shouldSwap) return;
  const state = stateOf(asker(event));
  if (state.isWanted || !isBusy(asker(event))) return;
  event.detail.shouldSwap = false;
  state.waits = true;
});

function settle(event, failures) {
  if (!isPoll(event)) return;
  const { id } = asker(event);
  const state = states.get(id);
  if (!state) return;
  const region = document.getElementById(id) || asker(event);
  state.sent = false;
  state.failures = failures(state.failures);
  if (!state.failures) state.seen = Date.now();
  state.due = Date.now() + jitter(state.failures ? BACK_OFF[Math.min(state.failures, BACK_OFF.length) - 1] : period(region));
  render();
}

document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && settle(event, () => 0));
document.addEventListener("htmx:sendAbort", (event) => settle(event, (count) => count));
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => settle(event, (count) => count + 1));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  regions().forEach((region) => { stateOf(region).due = 0; });
  tick();
});

setInterval(tick, 500);
