"""How a function collects garbage once it has answered for the first time."""

import gc

_YOUNG = 50_000
"""So many objects are made before any are looked at: more than most requests make, some ten megabytes at the most."""


def collect_from_now_on() -> None:
    """What is there stays and is not looked at again; a request's own objects mostly go without being looked for."""
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    gc.enable()
