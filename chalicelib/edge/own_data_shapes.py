"""What a customer sees of their own data: its file, who has read it, and its erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.amounts import show_instant

if TYPE_CHECKING:
    from chalicelib.customers.accesses import Access
    from chalicelib.customers.erasure import Erasure


class DataFileShown(msgspec.Struct):
    """My file: `being_made`, or `ready` at an address that is good for some minutes."""

    state: str
    asked_at: str
    ready_at: str | None
    href: str | None
    expires_in_seconds: int | None
    bytes: int | None
    sha256: str | None


class AccessShown(msgspec.Struct):
    """A read of my data: when, by whom (`staff`, or a partner's id), what kind, about which thing, by which route."""

    at: str
    by: str
    kind: str
    about: str | None
    route: str


class WaitsShown(msgspec.Struct):
    """What an erasure waits for, and the id of what that is about."""

    code: str
    about: str


class KeptShown(msgspec.Struct):
    """What stays, why, and for how long; it leads to nobody but whom issued documents name as their buyer."""

    name: str
    purpose: str
    retention: str


class ErasureShown(msgspec.Struct):
    """An erasure by its receipt: what is done next, what it waits for, what is gone by kind, and what stays.

    What was removed just before a worker broke off is not counted.

    `data` is where all that was held can be read, for a week from when it was asked for.
    """

    erasure_id: str
    state: str
    step: str
    asked_at: str
    done_at: str | None
    waits_for: list[WaitsShown]
    erased: dict[str, int]
    kept: list[KeptShown]
    data: str | None


def show_access(access: Access) -> AccessShown:
    """A read."""
    return AccessShown(show_instant(access.at), access.by, access.kind, access.about or None, access.route)


def state_of(erasure: Erasure) -> str:
    """In a word."""
    if erasure.is_done:
        return "done"
    return "waiting" if erasure.waits else "going_on"
