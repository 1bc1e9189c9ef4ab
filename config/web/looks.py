"""How a list looks: which of its columns are shown, and how much room rows take. Both stand in the address."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from config.web.filters import NOTHING, Choice, Option
from config.web.preferences import DENSITIES
from config.web.requests import PageRequest
from config.web.tables import Table


class Looks:
    """What `ListPage` knows of columns and density. `optional_columns` may be left out; none means no menu.

    `?columns=strip,owner` names those that are shown (`none`: not one), `?density=compact`; absent, all columns and
    the person's own density.
    """

    request: PageRequest
    table_class: ClassVar[type[Table]]
    optional_columns: ClassVar[Sequence[str]] = ()

    @cached_property
    def named_columns(self) -> list[str]:
        """The words of the address, as they stand there."""
        given = self.request.GET.getlist("columns")
        return [word for value in given for word in value.split(",") if word]

    @cached_property
    def shown_columns(self) -> list[str]:
        """The optional columns that are shown, in the table's order."""
        if not self.named_columns:
            return list(self.optional_columns)
        return [name for name in self.optional_columns if name in self.named_columns]

    @property
    def hidden_columns(self) -> tuple[str, ...]:
        """The optional columns that are left out."""
        return tuple(name for name in self.optional_columns if name not in self.shown_columns)

    @property
    def density(self) -> str:
        """The address's density, else the person's."""
        given = self.request.GET.get("density", "")
        return given if given in DENSITIES else self.request.preferences.density

    def misread_looks(self) -> list[str]:
        """Which of the two parameters was not understood."""
        known = {*self.optional_columns, NOTHING}
        is_odd = any(word not in known for word in self.named_columns)
        density = self.request.GET.get("density", "")
        return [
            *(["columns"] if is_odd else []),
            *(["density"] if density and density not in DENSITIES else []),
        ]

    def looks(self) -> dict[str, Any]:
        """What templates show of it."""
        if not self.optional_columns:
            return {"density": self.density}
        columns = self.table_class.base_columns
        options = [
            Option(name, columns[name].verbose_name or name, name in self.shown_columns)
            for name in self.optional_columns
        ]
        return {
            "density": self.density,
            "densities": DENSITIES,
            "usual_density": self.request.preferences.density,
            "columns_choice": Choice("columns", _("Columns"), options, default=self.optional_columns),
        }
