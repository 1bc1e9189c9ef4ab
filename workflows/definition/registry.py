"""Finding the kinds of a package: each module that is one registers itself when it is imported."""

import importlib
import pkgutil
from collections.abc import Mapping
from threading import RLock
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel
from pydantic_core import PydanticCustomError


class HasKind(Protocol):
    """What a registry keeps."""

    @property
    def kind(self) -> str: ...

    @property
    def model(self) -> type[BaseModel]: ...


KindT = TypeVar("KindT", bound=HasKind)


class Registry(Generic[KindT]):
    """The kinds of one package by name. All its modules are imported when the kinds are first asked for."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._kinds: dict[str, KindT] = {}
        self._lock = RLock()
        self._complete = False

    def register(self, kind: KindT) -> KindT:
        """Add a kind; a name that is taken raises ValueError."""
        if kind.kind in self._kinds:
            raise ValueError(f"{self._package}: there are two kinds named {kind.kind!r}")
        self._kinds[kind.kind] = kind
        return kind

    def kinds(self) -> Mapping[str, KindT]:
        """All kinds, in the order of their names."""
        if not self._complete:
            self._discover()
        return MappingProxyType(self._kinds)

    def model_of(self, value: Any) -> type[BaseModel]:
        """The model for a part of a definition, by its `kind`; raises a pydantic error."""
        if not isinstance(value, dict):
            raise PydanticCustomError("object_needed", _("An object with id and kind is needed here."))
        kind = value.get("kind")
        if not isinstance(kind, str) or kind not in self.kinds():
            raise PydanticCustomError(
                "unknown_kind", _("There is no such kind."), {"known": ", ".join(self.kinds())}
            )
        return self.kinds()[kind].model

    def _discover(self) -> None:
        with self._lock:
            package = importlib.import_module(self._package)
            for module in pkgutil.iter_modules(package.__path__, f"{self._package}."):
                importlib.import_module(module.name)
            self._kinds = dict(sorted(self._kinds.items()))
            self._complete = True
