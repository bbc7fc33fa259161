"""The monitors at the finance door, as the newest export of a month keeps them, and the report as a page."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.edge.call import Call
from chalicelib.edge.callers import READ, Staff
from chalicelib.edge.languages import words_of, words_wished
from chalicelib.edge.lazily import lazily
from chalicelib.edge.monitor_shapes import MonitorQuery, MonitorShown, PageOfRows, place_of, show_monitor
from chalicelib.edge.refusals import QueryInvalid
from chalicelib.edge.routes import get
from chalicelib.finance.monitor_model import BEHAVIOUR, CUSTOMERS, PROFIT, PURCHASES, RECOGNITION
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.edge import page_frame, report_files, report_page, report_words, wiring_monitors
    from chalicelib.edge.report_words import ReportWords
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.finance import reconciled, stored_monitors
    from chalicelib.finance.monitor_model import Row
else:
    page_frame = lazily("chalicelib.edge.page_frame")
    report_files = lazily("chalicelib.edge.report_files")
    report_page = lazily("chalicelib.edge.report_page")
    report_words = lazily("chalicelib.edge.report_words")
    reconciled = lazily("chalicelib.finance.reconciled")
    stored_monitors = lazily("chalicelib.finance.stored_monitors")
    wiring_monitors = lazily("chalicelib.edge.wiring_monitors")

_TOO_EARLY = ("not_found", "conflict")
"""A month that has no export, or one that is still being written."""
_OF_A_THING, _OF_WHAT_IS_SOLD = ("category", "partner", "product"), ("partner", "product")
_OF_OFFERS = {
    "product": _OF_A_THING,
    "category": ("category",),
    "asset": _OF_A_THING,
    "partner": ("partner",),
}
_VIEWS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    PROFIT: {**_OF_OFFERS, "customer": ("stage",)},
    CUSTOMERS: {"customer": ("stage",), "stage": ("stage",), "move": ()},
    BEHAVIOUR: {**_OF_OFFERS, "all": ()},
    PURCHASES: {"product": _OF_WHAT_IS_SOLD, "class": (), "kind": ()},
    RECOGNITION: {
        "product": _OF_WHAT_IS_SOLD,
        **dict.fromkeys(("wallet", "billing", "tax", "document_tax", "cash"), ()),
    },
}
"""By monitor its views, and by what the rows of each are told apart; the first is shown where none is asked for."""
_FILTERS = ("category", "partner", "product", "stage")


class MonitorDesk:
    """Finance reads what is earned, by whom, with what, and whether it ties."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/profit/{month}", query=MonitorQuery, needs=READ, refuses=_TOO_EARLY)
    def profit(self, call: Call[Staff, None], month: str) -> MonitorShown:
        """Profit and loss of a month: `by` product, category, asset, partner or customer (a pseudonym)."""
        return self._shown(call, month, PROFIT)

    @get("/v1/customer-values/{month}", query=MonitorQuery, needs=READ, refuses=_TOO_EARLY)
    def customer_values(self, call: Call[Staff, None], month: str) -> MonitorShown:
        """What customers are worth and where they stand: `by` customer, stage or move."""
        return self._shown(call, month, CUSTOMERS)

    @get("/v1/behaviour/{month}", query=MonitorQuery, needs=READ, refuses=_TOO_EARLY)
    def behaviour(self, call: Call[Staff, None], month: str) -> MonitorShown:
        """What was used against what was at disposal: `by` product, category, asset, partner or all."""
        return self._shown(call, month, BEHAVIOUR)

    @get("/v1/purchases/{month}", query=MonitorQuery, needs=READ, refuses=_TOO_EARLY)
    def purchases(self, call: Call[Staff, None], month: str) -> MonitorShown:
        """What was bought: `by` product, class or kind."""
        return self._shown(call, month, PURCHASES)

    @get("/v1/recognition/{month}", query=MonitorQuery, needs=READ, refuses=_TOO_EARLY)
    def recognition(self, call: Call[Staff, None], month: str) -> MonitorShown:
        """Revenue by the time of need: `by` product, wallet, billing, tax, document_tax or cash."""
        return self._shown(call, month, RECOGNITION)

    @get("/v1/report/{month}", needs=READ, refuses=_TOO_EARLY, answers="text/html; charset=utf-8")
    def report(self, call: Call[Staff, None], month: str) -> str:
        """The month's report as a page that a browser prints and a screen reader reads."""
        found = self._stored(month)
        words = words_of(call, wiring_monitors.operators_language(self._wired.settings))
        call.says["Content-Security-Policy"] = page_frame.policy_with(report_page.STYLE)
        checks = reconciled.checks_of(found.month, reconciliations=self._wired.reconciliations)
        page: str = report_files.page_of(found, words, checks)
        return page

    def _stored(self, month: str) -> stored_monitors.StoredMonth:
        wired = self._wired
        return stored_monitors.stored_month(Month.parse(month), closes=wired.closes, fetch=wired.files.read)

    def _shown(self, call: Call[Staff, None], month: str, monitor: str) -> MonitorShown:
        query: MonitorQuery = call.query
        view = _view(query, _VIEWS[monitor])
        stored = self._stored(month)
        head, rows = stored.opened(CUSTOMERS if view == "customer" else monitor)
        asked = list(islice(_asked(rows, view, query), query.limit + 1))
        page = PageOfRows(view, asked[: query.limit], len(asked) > query.limit)
        return show_monitor(head, stored.export.version, page, self._said(call))

    def _said(self, call: Call[Staff, None]) -> ReportWords | None:
        """Words in the reader's language, unless they are not wished for."""
        words = words_wished(call, wiring_monitors.operators_language(self._wired.settings))
        said: ReportWords | None = report_words.report_words(words.language) if words is not None else None
        return said


def _view(query: MonitorQuery, views: Mapping[str, tuple[str, ...]]) -> str:
    """Which one is asked for. What none of its rows could be about is refused, rather than answered with none."""
    view = query.by or next(iter(views))
    if view not in views:
        raise QueryInvalid(pointer="/by", reason=f"one of {', '.join(views)}")
    for name in _FILTERS:
        if getattr(query, name) is not None and name not in views[view]:
            known = ", ".join(views[view]) or "nothing"
            raise QueryInvalid(pointer=f"/{name}", reason=f"rows by {view} are told apart by {known}")
    return view


def _asked(rows: Iterable[Row], view: str, query: MonitorQuery) -> Iterator[Row]:
    """The rows of a view that are about what is asked for, after the one that is named, which has to be there."""
    seen = query.after is None
    for row in rows:
        if row.by != view:
            continue
        if seen and all(_is(row, name, getattr(query, name)) for name in _FILTERS):
            yield row
        seen = seen or place_of(row) == query.after
    if not seen:
        raise QueryInvalid(pointer="/after", reason="no row has that place in the month's newest version; begin anew")


def _is(row: Row, name: str, wished: str | None) -> bool:
    return wished is None or wished == row.texts.get(name, row.key if row.by == name else None)
