"""What stays the same of an event, however often it is amended."""

import hashlib

from chalicelib.metering.model import Event, Key

MARK = "~"
"""How sources of ours begin; nobody else's do."""
_LONGEST_SOURCE = 190
"""With the longest id of a change before it, it is no longer than a source may be."""


def line_of(event: Event) -> Key:
    """What an event has in common with all that it was amended to: who reported it, and the id."""
    return reporter_of(event), event.event_id


def reporter_of(event: Event) -> str:
    """Who reported it, or that in the place of which it counts.

    A source that leaves no room for the name of a change is known by its digest.
    """
    source = event.source
    while source.startswith(MARK) and "/" in source:
        source = source.partition("/")[2]
    if len(source) > _LONGEST_SOURCE:
        source = hashlib.sha256(source.encode()).hexdigest()
    return source
