"""What monitors refuse."""

from chalicelib.kernel.errors import NotFound


class MonthNotExported(NotFound):
    """The month has no finished export with monitors. They come with the export that follows the month's close."""
