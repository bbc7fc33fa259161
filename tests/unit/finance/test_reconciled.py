"""The report's reconciliation is that of the newest run that was done by then."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chalicelib.finance.reconciled import checks_of
from chalicelib.finance.reconciliation_model import Cause, Difference, Reconciliation, Stage, StageSum
from chalicelib.finance.report import Check
from tests.unit.finance.monitored import MAY

AT = datetime(2021, 6, 2, tzinfo=UTC)
DONE = Reconciliation(MAY, AT, "fred", AT, sums=(StageSum(Stage.BILLED, "EUR", 1000, 950),))


class Runs:
    """Satisfies what is asked of `finance.reconciliation_ports.Reconciliations`."""

    def __init__(self, *runs: Reconciliation) -> None:
        self.runs = runs

    def newest_done(self, _month: object, by: datetime | None) -> Reconciliation | None:
        return next((each for each in self.runs if each.is_done_by(by)), None)

    def differences(self, _run: object, _cause: object, **_page: object) -> Sequence[tuple[str, Difference]]:
        return [("carried", Difference(Stage.BILLED, Cause.CARRIED, "aino:2021-05", "EUR", 50))]


def checks(*runs: Reconciliation, as_of: datetime | None = None) -> list[Check]:
    return list(checks_of(MAY, reconciliations=Runs(*runs), as_of=as_of))  # type: ignore[arg-type]


def test_both_sums_of_a_stage_are_shown_and_each_difference_with_what_it_is_about_and_why() -> None:
    assert checks(DONE) == [
        Check("stage_billed", "EUR", 1000, 950),
        Check("stage_billed", "EUR", 50, 0, "aino:2021-05", "carried_below_minimum"),
    ]


def test_a_run_that_is_not_done_or_was_done_later_is_not_shown_and_it_is_said_that_there_is_none() -> None:
    running = Reconciliation(MAY, AT, "fred")
    refused = Reconciliation(MAY, AT, "fred", AT, refused={"code": "unavailable"})

    none = [Check("not_reconciled", "", 0, 0)]

    assert checks() == checks(running) == checks(refused) == none
    assert checks(DONE, as_of=AT - timedelta(seconds=1)) == none
    assert checks(running, refused, DONE, as_of=AT) == checks(DONE)
