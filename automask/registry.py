"""Names to classes: the built-in modules first, then installed plugins.

A `Registry` holds one kind of thing (strategies, filters, providers). Its built-in members are the
modules of one folder, found by looking, so that adding a file is enough. Plugins are modules named
by entry points in the group ``automask.plugins``; one that fails to load is left out whole and
reported, and a name that is already taken is refused.
"""

from __future__ import annotations

import difflib
import importlib
import logging
import pkgutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Generic, TypeVar

from automask.errors import PluginError

GROUP = "automask.plugins"
BUILT_IN = "automask"
T = TypeVar("T")
log = logging.getLogger("automask")


@dataclass(frozen=True)
class Plugin:
    """An installed plugin: its entry point, its package, the names it added, or why it failed."""

    name: str
    module: str
    package: str
    version: str
    added: tuple[str, ...] = ()
    error: str = ""


class Registry(Generic[T]):
    """The classes of one kind by name.

    Parameters
    ----------
    kind : str
        What the classes are, for messages: "strategy".
    folder : str
        The package whose modules hold the built-in ones: "automask.strategies".
    """

    def __init__(self, kind: str, folder: str) -> None:
        self.kind = kind
        self.folder = folder
        self._classes: dict[str, type[T]] = {}
        self._owners: dict[str, str] = {}
        _registries.append(self)

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Decorate a class so that rules can use it under `name`.

        Raises
        ------
        PluginError
            If the name is taken; the message names both owners.
        """

        def add(cls: type[T]) -> type[T]:
            owner = _loading or BUILT_IN
            if name in self._classes and _identity(self._classes[name]) != _identity(cls):
                raise PluginError(
                    f"The {self.kind} name {name!r} is taken by {self._owners[name]}, so "
                    f"{owner} cannot use it; rename it in {owner}."
                )
            cls.name = name  # type: ignore[attr-defined]
            self._classes[name] = cls
            self._owners[name] = owner
            return cls

        return add

    def __contains__(self, name: object) -> bool:
        load()
        return name in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __getitem__(self, name: str) -> type[T]:
        load()
        return self._classes[name]

    def names(self) -> list[str]:
        """Every name, in alphabetical order."""
        load()
        return sorted(self._classes)

    def owner(self, name: str) -> str:
        """The package that brought `name`; "automask" for the built-in ones."""
        load()
        return self._owners[name]

    def nearest(self, name: str) -> str | None:
        """The known name most like `name`, or None when none is near."""
        return next(iter(difflib.get_close_matches(name.lower(), self.names(), 1, 0.6)), None)

    def _added_by(self, owner: str) -> tuple[str, ...]:
        return tuple(sorted(n for n, o in self._owners.items() if o == owner))

    def _remove(self, owner: str) -> None:
        for name in self._added_by(owner):
            del self._classes[name], self._owners[name]


_registries: list[Registry] = []  # type: ignore[type-arg]
_plugins: list[Plugin] = []
_lock = threading.RLock()
_loaded = False
_loader = 0
_loading = ""


def _identity(cls: type) -> tuple[str, str]:
    return cls.__module__, cls.__qualname__


def load() -> None:
    """Import every built-in module, then every installed plugin; once per process."""
    global _loaded, _loader  # noqa: PLW0603
    if _loaded or _loader == threading.get_ident():  # a module that asks while it is loaded
        return
    with _lock:
        if _loaded:
            return
        _loader = threading.get_ident()
        for folder in ("automask.strategies", "automask.filters", "automask.providers"):
            package = importlib.import_module(folder)
            for module in pkgutil.iter_modules(package.__path__):
                importlib.import_module(f"{folder}.{module.name}")
        _plugins[:] = [_load_plugin(point) for point in _entry_points()]
        _loaded = True


def _entry_points() -> list[metadata.EntryPoint]:
    return sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)


def _load_plugin(point: metadata.EntryPoint) -> Plugin:
    global _loading  # noqa: PLW0603
    package = point.dist.name if point.dist else point.value
    version = point.dist.version if point.dist else ""
    _loading = package
    try:
        point.load()
    except Exception as error:  # noqa: BLE001  (somebody else's code: anything may happen)
        for registry in _registries:
            registry._remove(package)  # noqa: SLF001
        log.warning("plugin %s (%s) was left out: %s", point.name, package, error)
        reason = f"{type(error).__name__}: {error}"
        return Plugin(point.name, point.value, package, version, error=reason)
    finally:
        _loading = ""
    added = tuple(name for registry in _registries for name in registry._added_by(package))  # noqa: SLF001
    return Plugin(point.name, point.value, package, version, added)


def plugins() -> list[Plugin]:
    """Every installed plugin, also those that failed to load."""
    load()
    return list(_plugins)
