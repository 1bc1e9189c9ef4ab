"""Inline icons: our own from templates/ui/icons, everything else from lucide. Hidden from assistive technology."""

import re
from functools import cache

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.jinja import lucide


@cache
def icon(name: str, size: int = 16, css: str = "icon") -> SafeString:
    """The SVG of an icon. Names and classes come from code and templates, never from people.

    Raises lucide.IconDoesNotExist for a name that neither set has.
    """
    try:
        own = get_template(f"ui/icons/{name}.html")
    except TemplateDoesNotExist:
        svg = lucide(name, size=size, **{"class": css, "aria-hidden": "true"})
        return format_html("{}", type(svg)(re.sub(r">\s+<", "><", svg)))
    return format_html("{}", own.render({"size": size, "css": css}))
