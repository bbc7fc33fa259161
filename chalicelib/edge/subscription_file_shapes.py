"""How the file of a subscription that has ended is shown."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from chalicelib.edge.amounts import show_instant

LINK_SECONDS = 300
FILE_DAYS = timedelta(days=7)
"""So long the file of what has ended is in its bucket."""


class FileShown(msgspec.Struct):
    """All that belongs to it, as a JSON file: it is there some seconds after the end, with the last bill, for a week.

    `href` is good for `expires_in_seconds`; a repeat of the call has none, the subscription itself a new one.
    """

    href: str | None
    expires_in_seconds: int
    until: str


def show_file(href: str | None, ended_at: datetime) -> FileShown:
    """The file of what ended then."""
    return FileShown(href, LINK_SECONDS, show_instant(ended_at + FILE_DAYS))
