"""What monitors refuse."""

from chalicelib.kernel.errors import Conflict, NotFound


class MonthNotExported(NotFound):
    """The month has no finished export with monitors. They come with the export that follows the month's close."""


class MonthBeforeNotExported(Conflict):
    """The month before is closed and has no finished export, with what this one opens with: have that written first."""
