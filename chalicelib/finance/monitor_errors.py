"""What monitors refuse."""

from chalicelib.kernel.errors import NotFound


class MonthNotExported(NotFound):
    """The month has no finished export with monitors. They come with the export that follows the month's close."""


class NoSuchView(NotFound):
    """The monitor has no such view; `views` are those that it has."""
