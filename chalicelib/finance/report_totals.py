"""What the rows of a sheet of the report come to, by currency: so that sheets can be held against one another."""

from chalicelib.finance.report import Cells, Line, Sheet

_ADDS_UP = frozenset({"money", "count", "seconds"})
_EACH_ITS_OWN = frozenset({"expected", "months_used", "documents"})
"""What is of one row alone: a document with two rates stands in two rows."""


class Totals:
    """Adds up rows as they are read. Of a sheet that says its totals itself, these are said."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._adds = [each.kind in _ADDS_UP and each.code not in _EACH_ITS_OWN for each in sheet.fields]
        self._sums: dict[str, list[int | None]] = {}

    def add(self, line: Line) -> None:
        """One more row; what is not known adds nothing."""
        sums = self._sums.setdefault(line.currency, [None] * len(self._adds))
        for place, cell in enumerate(line.cells):
            if self._adds[place] and isinstance(cell, int):
                sums[place] = (sums[place] or 0) + cell

    def lines(self) -> list[Line]:
        """A row a currency, of which the first cell is nothing; none of what does not add up."""
        if not self._sheet.adds or not self._sums:
            return []
        if self._sheet.totals is not None:
            return list(self._sheet.totals())
        return [Line(currency, self._cells(currency, self._sums[currency])) for currency in sorted(self._sums)]

    def _cells(self, currency: str, sums: list[int | None]) -> Cells:
        fields = zip(self._sheet.fields, sums, strict=True)
        return tuple(currency if each.code == "currency" else amount for each, amount in fields)
