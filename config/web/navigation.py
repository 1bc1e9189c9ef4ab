"""The navigation group "Automations": filled by apps in `ready()`, so that a page that is not built has no link."""

from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Destination:
    """One page of the navigation. `order` places it; `key` is its letter after `g`, if it has one."""

    url_name: str
    label: Text
    icon: str
    order: int
    key: str = ""


@dataclass(frozen=True)
class Link:
    """A destination as the template shows it."""

    href: str
    label: Text
    icon: str
    key: str
    is_current: bool


@dataclass(frozen=True)
class OwnPage:
    """A page about the person, opened as a dialog from their menu."""

    url_name: str
    label: Text
    icon: str


_palette: list[str] = []
_own_pages: dict[str, OwnPage] = {}
_destinations: dict[str, Destination] = {}


def register(destination: Destination) -> None:
    """Add a page. Repeating the same one does nothing; another page under a taken name raises."""
    known = _destinations.setdefault(destination.url_name, destination)
    if known != destination:
        raise ImproperlyConfigured(f"Two navigation entries are named {destination.url_name!r}.")


def register_own(page: OwnPage) -> None:
    """Add a page to the user menu. Repeating it does nothing."""
    _own_pages[page.url_name] = page


def register_palette(url_name: str) -> None:
    """Name the page that searches everything; Ctrl K opens it."""
    _palette[:] = [url_name]


def palette() -> str:
    """The palette's address; "" where no app has one."""
    return reverse(_palette[0]) if _palette else ""


def own_links() -> list[Link]:
    """The pages of the user menu."""
    return [Link(reverse(p.url_name), p.label, p.icon, "", is_current=False) for p in _own_pages.values()]


def links(path: str) -> list[Link]:
    """The registered pages in order; the longest address that `path` lies under is the current one."""
    ordered = sorted(_destinations.values(), key=lambda destination: destination.order)
    hrefs = {destination.url_name: reverse(destination.url_name) for destination in ordered}
    current = max((href for href in hrefs.values() if path.startswith(href)), key=len, default="")
    return [
        Link(hrefs[d.url_name], d.label, d.icon, d.key, is_current=hrefs[d.url_name] == current)
        for d in ordered
    ]
