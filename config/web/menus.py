"""Three-dot menus: apps say what stands in them, `ui/_menu.html` draws them. Causes no query."""

from dataclasses import dataclass, field

from django.utils.functional import Promise


@dataclass(frozen=True)
class MenuItem:
    """One link. `dialog` opens the address in the page's dialog when there is script.

    `verb` is the word that letter shortcuts look for (`pause`, `resume`, `edit`).
    """

    label: str | Promise
    url: str
    dialog: bool = False
    danger: bool = False
    separated: bool = False
    verb: str = ""


@dataclass(frozen=True)
class Menu:
    """A menu named "Actions for <name>". `id` must be unique on the page and stable between refreshes."""

    id: str
    name: str
    items: list[MenuItem] = field(default_factory=list)
