"""Frozen things by the thousand: their attributes are set once, in C, before anybody sees them."""

from typing import Any


def in_the_making(kind: type) -> Any:  # noqa: ANN401 -- a type checker would refuse what this is for
    """A class like the frozen dataclass with slots, whose attributes can be set.

    To make one: `made = Making.__new__(Making)`, set each attribute, `made.__class__ = kind`. The `__init__` of a
    frozen dataclass looks up each attribute by name in Python, which takes five times as long.
    """
    # without `__delattr__`, CPython would set attributes through Python still
    open_again = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(f"_{kind.__name__}InTheMaking", (kind,), open_again)
