"""Names to classes: the built-in modules first, then installed plugins.

A `Registry` holds one kind of thing (strategies, filters, providers). Its built-in members are the
modules of one folder, found by looking, so that adding a file is enough. Plugins are modules named
by entry points in the group ``automask.plugins``; one that fails to load is left out whole and
reported, and a name that is already taken is refused.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import logging
import pkgutil
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from automask.errors import PluginError

if TYPE_CHECKING:
    from importlib import metadata

GROUP = "automask.plugins"
BUILT_IN = "automask"
FOLDERS = ("automask.strategies", "automask.filters", "automask.providers")
_NAME = re.compile(r"[^\W\d_]\w*")
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
    check : callable, optional
        Raises what is wrong with a class that a plugin registers.
    """

    def __init__(
        self, kind: str, folder: str, check: Callable[[type], object] = lambda _: None
    ) -> None:
        self.kind = kind
        self.folder = folder
        self.check = check
        self._classes: dict[str, type[T]] = {}
        self._owners: dict[str, str] = {}
        _registries.append(self)

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Decorate a class so that rules can use it under `name`.

        Raises
        ------
        PluginError
            If the name is taken (the message names both owners), no rule could write it, or the
            class of a plugin cannot be used.
        """

        def add(cls: type[T]) -> type[T]:
            owner = _owner_of(cls)
            if owner != BUILT_IN:
                _load_built_in()  # a plugin imported by hand must not take a built-in name
            self._check(name, cls, owner)
            cls.name = name  # type: ignore[attr-defined]
            self._classes[name] = cls
            self._owners[name] = owner
            return cls

        return add

    def _check(self, name: str, cls: type[T], owner: str) -> None:
        if not _NAME.fullmatch(name):
            raise PluginError(
                f"The {self.kind} name {name!r} of {owner} cannot be written in a rule; use a "
                "letter, then letters, digits and underscores."
            )
        if name in self._classes and _identity(self._classes[name]) != _identity(cls):
            raise PluginError(
                f"The {self.kind} name {name!r} is taken by {self._owners[name]}, so "
                f"{owner} cannot use it; rename it in {owner}."
            )
        if owner != BUILT_IN:
            try:
                self.check(cls)
            except Exception as error:
                raise PluginError(
                    f"The {self.kind} {name!r} of {owner} cannot be used: {error}"
                ) from error

    def __contains__(self, name: object) -> bool:
        self._look_for(name)
        return name in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __getitem__(self, name: str) -> type[T]:
        self._look_for(name)
        return self._classes[name]

    def _look_for(self, name: object) -> None:
        """Import what may bring `name`: the module called so, its folder, at last everything.

        Built-in names win over those of plugins in any case, so no answer depends on how much was
        imported; a rule that uses few names starts sooner.
        """
        if name in self._classes or _loaded or _loader == threading.get_ident():
            return
        with _lock:
            if isinstance(name, str) and name.isidentifier():
                _load_module(f"{self.folder}.{name}")
            if name not in self._classes:
                _load_folder(self.folder)
        if name not in self._classes:
            load()

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

    def _new(self, before: set[str], module: str) -> list[str]:
        """The names that are not in `before`, or whose classes were imported from `module`."""
        is_new = {n: n not in before or c.__module__ == module for n, c in self._classes.items()}
        return sorted(name for name, new in is_new.items() if new)

    def _keep(self, names: set[str]) -> None:
        for name in self._classes.keys() - names:
            del self._classes[name], self._owners[name]


_registries: list[Registry] = []  # type: ignore[type-arg]
_plugins: list[Plugin] = []
_lock = threading.RLock()
_loaded = False
_loader = 0
_loading = ""


def _identity(cls: type) -> tuple[str, str]:
    return cls.__module__, cls.__qualname__


def is_built_in(cls: type) -> bool:
    """Whether `cls` is one of automask's own."""
    return cls.__module__.partition(".")[0] == BUILT_IN


def described(part: object) -> str:
    """What `part` is and whose, for messages: "The strategy 'stripes' of automask-stripes"."""
    cls = type(part)
    if entry := _entry(cls):
        return "The {} {!r} of {}".format(*entry)
    return f"{cls.__qualname__} of {cls.__module__}"  # used without a name, from Python


def release(cls: type) -> str:
    """The package that a plugin's class comes from and its version; "" for automask's own.

    What a class does may change with it.
    """
    entry = None if is_built_in(cls) else _entry(cls)
    if entry is None:
        return ""
    versions = (plugin.version for plugin in plugins() if plugin.package == entry[2])
    return f"{entry[2]} {next(versions, '')}".strip()


def _entry(cls: type) -> tuple[str, str, str] | None:
    """The kind, the name and the owner of a class that is registered."""
    name = getattr(cls, "name", "")
    for registry in _registries:
        if registry._classes.get(name) is cls:  # noqa: SLF001
            return registry.kind, name, registry._owners[name]  # noqa: SLF001
    return None


def foreign_modules() -> dict[str, str]:
    """The outermost packages that plugins' classes come from, and whose each is."""
    return {
        cls.__module__.partition(".")[0]: registry._owners[name]  # noqa: SLF001
        for registry in _registries
        for name, cls in list(registry._classes.items())  # noqa: SLF001
        if not is_built_in(cls)
    }


def _owner_of(cls: type) -> str:
    top = cls.__module__.partition(".")[0]
    return BUILT_IN if top == BUILT_IN else _loading or top


def load() -> None:
    """Import every built-in module, then every installed plugin; once per process."""
    global _loaded, _loader  # noqa: PLW0603
    if _loaded or _loader == threading.get_ident():  # a module that asks while it is loaded
        return
    with _lock:
        if _plugins_known():  # by another thread, meanwhile
            return
        _loader = threading.get_ident()
        try:
            _load_built_in()
            _plugins[:] = [_load_plugin(point) for point in _entry_points()]
            _loaded = True
        finally:
            _loader = 0


def _plugins_known() -> bool:
    return _loaded


def _load_built_in() -> None:
    for folder in FOLDERS:
        _load_folder(folder)


def _load_folder(folder: str) -> None:
    package = importlib.import_module(folder)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{folder}.{module.name}")


def _load_module(name: str) -> None:
    if importlib.util.find_spec(name):
        importlib.import_module(name)


def _entry_points() -> list[metadata.EntryPoint]:
    from importlib import metadata  # a tenth of a cold start, and only plugins need it

    return sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)


def _load_plugin(point: metadata.EntryPoint) -> Plugin:
    global _loading  # noqa: PLW0603
    package = point.dist.name if point.dist else point.value
    version = point.dist.version if point.dist else ""
    before = [set(registry._classes) for registry in _registries]  # noqa: SLF001
    _loading = package
    try:
        with redirect_stdout(sys.stderr):  # what it prints is no result
            point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001  (somebody else's: anything happens)
        for registry, names in zip(_registries, before, strict=True):
            registry._keep(names)  # noqa: SLF001
        log.warning("plugin %s (%s) was left out: %s", point.name, package, error)
        reason = f"{type(error).__name__}: {error}"
        return Plugin(point.name, point.value, package, version, error=reason)
    finally:
        _loading = ""
    added: list[str] = []
    for registry, names in zip(_registries, before, strict=True):
        added += registry._new(names, point.module)  # noqa: SLF001
    return Plugin(point.name, point.value, package, version, tuple(added))


def plugins() -> list[Plugin]:
    """Every installed plugin, also those that failed to load."""
    load()
    return list(_plugins)
