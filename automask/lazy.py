"""What is imported or computed when it is first used, and kept."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


def found(package: str, homes: Mapping[str, tuple[str, ...]], name: str) -> Any:
    """What `package` offers under `name`, kept in the package from then on.

    Parameters
    ----------
    package : str
        The ``__name__`` of the package.
    homes : mapping of str to tuple of str
        The names that each module is the home of.
    name : str

    Raises
    ------
    AttributeError
        If no module is its home.
    """
    for home, names in homes.items():
        if name in names:
            value = getattr(importlib.import_module(home), name)
            setattr(sys.modules[package], name, value)
            return value
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


class cached_property(Generic[T]):  # noqa: N801  (used as functools' is)
    """`functools.cached_property` as it is from Python 3.12 on: without a lock.

    Before, one lock for all objects of a class let one thread at a time compute: the pictures of a
    batch were decoded one after the other. Without it two threads that ask one object at the same
    moment may both compute, which costs time and changes nothing where the result is the same.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...

    def __get__(self, instance: object, owner: type | None = None) -> Self | T:
        if instance is None:
            return self
        value = self.compute(instance)
        instance.__dict__[self.name] = value  # found there before this is asked again
        return value
