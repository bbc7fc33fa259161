"""Reconciling a month, at the finance door: ask for it, read what differs and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.finance import MonthBody
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import PageQuery
from chalicelib.edge.refusals import QueryInvalid
from chalicelib.edge.routes import NOTHING, get, post
from chalicelib.finance.reconciliation_model import Cause, Difference, Reconciliation
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month, parse_instant

if TYPE_CHECKING:
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.finance import reconciling_month
else:
    reconciling_month = lazily("chalicelib.finance.reconciling_month")


class ReconciliationQuery(PageQuery, forbid_unknown_fields=True):
    """How much of the differences, of which cause, and of which run; the newest, unless told."""

    cause: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    run: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class StageShown(msgspec.Struct):
    """Both sums of a stage; the differences that are listed of it add up to `difference`, all of it."""

    stage: str
    currency: str
    left: str
    right: str
    difference: str


class MonthDifferenceShown(msgspec.Struct):
    """By how much one thing makes the left sum of a stage larger than the right one, and why."""

    stage: str
    cause: str
    about: str
    amount: str
    currency: str


class ReconciliationShown(msgspec.Struct):
    """A run: running, done, or refused for a reason; its sums, how many differences have which cause, and some of them.

    While it is running `step` says what is read (`accounts`, `partners`, `losses`, `ledger`, `provider`, `invoices`)
    or whether both sides are held against each other (`matching`), `movements` and `entries` how far it is; sums and
    differences are shown at its end. Of an account's month `about` is `<account>:<month>`; of what a session was
    charged, where other evidence is listed at 0.00 too, `<account>:<session>:<revision>`; of a document, a dispute or a
    movement, its id.
    """

    month: str
    asked_at: str
    asked_by: str
    state: str
    step: str | None
    done_at: str | None
    stages: list[StageShown]
    causes: dict[str, int]
    movements: int
    entries: int
    refused: dict[str, str] | None
    items: list[MonthDifferenceShown]
    next: str | None = None


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency).amount)


def show_run(run: Reconciliation) -> ReconciliationShown:
    """A run without its differences."""
    stages = [
        StageShown(
            str(each.stage),
            each.currency,
            *(_amount(x, each.currency) for x in (each.left, each.right, each.difference)),
        )
        for each in run.sums
        if run.state == "done"
    ]
    going = run.going if run.state == "running" else None
    return ReconciliationShown(
        month=str(run.month),
        asked_at=show_instant(run.asked_at),
        asked_by=run.asked_by,
        state=run.state,
        step=str(going.step) if going is not None else None,
        done_at=show_instant(run.done_at) if run.done_at else None,
        stages=stages,
        causes=dict(run.causes) if run.state == "done" else {},
        movements=run.movements,
        entries=run.entries,
        refused=dict(run.refused) or None,
        items=[],
    )


def show_difference(each: Difference) -> MonthDifferenceShown:
    """A difference."""
    return MonthDifferenceShown(
        str(each.stage), str(each.cause), each.about, _amount(each.minor, each.currency), each.currency
    )


class ReconciliationDesk:
    """Finance reconciles months."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @post("/v1/reconciliations", takes=MonthBody, shows=show_run, status=202, needs=ACT, refuses=NOTHING)
    def ask_for_reconciliation(self, call: Call[Staff, MonthBody]) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Reconcile a closed month as things stand now; it is done by itself after each close, once Stripe is read."""
        wired, asked = self._wired, (Month.parse(call.body.month), call.caller.subject)
        return reconciling_month.ask_reconciliation(
            *asked,
            wired.settings.zone,
            kept=wired.reconciliations,
            closes=wired.closes,
            now=call.now,
            commit=call.commit,
        )

    @get("/v1/reconciliation/{month}", query=ReconciliationQuery, needs=READ, refuses=NOTHING)
    def reconciliation(self, call: Call[Staff, None], month: str) -> ReconciliationShown:
        """Both sums of each stage, from the use to the bank, and all that differs with its cause and its id."""
        with pointing_at("run"):
            asked_at = parse_instant(call.query.run) if call.query.run is not None else None
        cause = _cause(call.query.cause)
        kept = self._wired.reconciliations
        run = reconciling_month.newest_reconciliation(Month.parse(month), asked_at, kept=kept)
        shown = show_run(run)
        if run.state == "done":
            rows = kept.differences(run, cause, limit=call.query.limit, after=call.query.after)
            shown.items = [show_difference(each) for _, each in rows]
            shown.next = rows[-1][0] if len(rows) >= call.query.limit else None
        return shown


def _cause(text: str | None) -> Cause | None:
    if text is None or text in set(Cause):
        return None if text is None else Cause(text)
    raise QueryInvalid(pointer="/cause", known=[str(each) for each in Cause])
