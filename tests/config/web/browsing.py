"""Driving Chromium through the demo site: what the page complained about is collected and must stay empty."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Error, Page, Route

# What Chromium and htmx log about an answer that a test provoked; everything else is a complaint.
EXPECTED = (
    "the server responded with a status of",
    "net::ERR_",
    "Response Status Error Code",
    "htmx:sendError",
    "htmx:afterRequest",
)
# A breach of the content security policy is an event of the document; the console tells it from here.
TELL_BREACHES = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violation: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Visit:
    """A page, the site's root, and the complaints so far."""

    page: Page
    root: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.root + path)

    def path(self) -> str:
        return self.page.url.removeprefix(self.root)

    def focused(self) -> str:
        """The id of the focused element."""
        return self.page.evaluate("document.activeElement.id")

    def sent(self, part: str) -> int:
        """How many requests so far had this in their address."""
        return sum(part in url for url in self.requests)


@contextmanager
def visiting(browser: Browser, root: str, cookies: dict[str, str], **options: object) -> Iterator[Visit]:
    """A fresh page with these cookies; fails on console errors, policy violations and foreign requests.

    Contexts with the same options are used again, because a new one would fetch and parse all scripts and styles anew.
    """
    context = _context(browser, options)
    context.add_cookies([{"name": name, "value": value, "url": root} for name, value in cookies.items()])
    page = context.new_page()
    page.set_default_timeout(8000)
    # The very first page compiles every template, which takes its time on a busy machine.
    page.set_default_navigation_timeout(30_000)
    visit = Visit(page, root)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("console", lambda message: _note(visit, message.type, message.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    try:
        yield visit
    finally:
        _put_back(context, visit, options)
    foreign = [url for url in visit.requests if not url.startswith(root)]
    if visit.complaints or foreign:
        raise AssertionError(f"The pages complained or asked elsewhere: {[*visit.complaints, *foreign]}")


_idle: dict[str, list[BrowserContext]] = {}


def _context(browser: Browser, options: dict[str, object]) -> BrowserContext:
    """One that nobody uses now, else a new one."""
    idle = _idle.get(repr(options))
    if idle:
        return idle.pop()
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    if options.get("java_script_enabled", True):
        context.add_init_script(TELL_BREACHES)
    return context


def _put_back(context: BrowserContext, visit: Visit, options: dict[str, object]) -> None:
    """For the next visit, without pages, cookies and what they stored, as the admin stores its theme; a context whose
    clock was replaced never gets its own back."""
    if visit.page.is_closed() or _has_its_own_clock(visit.page):
        context.close()
        return
    stored = {"origin": visit.root, "storageTypes": "local_storage"}
    context.new_cdp_session(visit.page).send("Storage.clearDataForOrigin", stored)
    for one in context.pages:
        one.close()
    context.clear_cookies()
    context.set_offline(False)
    _idle.setdefault(repr(options), []).append(context)


def _has_its_own_clock(page: Page) -> bool:
    """Whether the page's clock was replaced; so it is said of a page that cannot be asked, for it never stands still: a
    dialog's `history.back()` may come after the blank page."""
    try:
        page.goto("about:blank")
        return bool(page.evaluate("'__pwClock' in globalThis"))
    except Error:
        return True


def _note(visit: Visit, kind: str, text: str) -> None:
    if kind in {"error", "warning"} and not any(part in text for part in EXPECTED):
        visit.complaints.append(text)


def answer(status: int, body: str = "") -> object:
    """A route handler that answers every request with this status."""

    def handle(route: Route) -> None:
        route.fulfill(status=status, body=body, headers={"Signalbox-Request": "0190-test"})

    return handle
