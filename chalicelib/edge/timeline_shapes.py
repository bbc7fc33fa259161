"""The shapes of a session's timeline."""

import msgspec

from chalicelib.edge.amounts import Amount


class EntryShown(msgspec.Struct):
    """What happened at an instant: an act, a signal, a meter's value, a stretch of need, a charge, or a payment."""

    at: str
    kind: str
    what: str
    by: str
    facts: dict[str, str]
    amount: Amount | None


class TimelineShown(msgspec.Struct):
    """A session from beginning to end, in order of time."""

    session_id: str
    state: str
    entries: list[EntryShown]
