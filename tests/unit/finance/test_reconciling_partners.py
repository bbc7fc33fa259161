"""Partners' shares are held against their statements, the journal, and what waits to be sent."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.billing.model import Settlement
from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.payout_model import Movement, MovementKind, MovementState
from chalicelib.billing.postings import movement_entry, true_up_entry
from chalicelib.finance.reconciling_partners import PartnerMonth
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.share import ShareLine
from tests.unit.finance.closes import MAY, NOW
from tests.unit.finance.two_books import JUNE, LATE_IN_MAY, Kept, TwoBooks, account, asked, eur, run_on, settled
from tests.unit.memory import Commits

BIKE = "par-1:bike"
STATED = PartnerStatement(
    partner_id="par-1",
    month=MAY,
    currency="EUR",
    version=2,
    figures={},
    lines=(ShareLine(BIKE, "percent", 360), ShareLine("", "minimum", 140)),
    posted={BIKE: 350},
    trued_up={BIKE: 10, "": 140},
    bills=1,
    proof=1,
    digest="",
    stated_at=LATE_IN_MAY,
    first_stated_at=LATE_IN_MAY,
)
SENT = Movement("par-1", 1, MovementKind.TRANSFER, eur(100), (), LATE_IN_MAY, MovementState.DONE, done_at=LATE_IN_MAY)


def journal() -> list[JournalEntry]:
    """What was added to the share in two goes, and a transfer."""
    first = true_up_entry(replace(STATED, version=1), {BIKE: 4})
    more = true_up_entry(STATED, {BIKE: 6, "": 140})
    assert first is not None
    assert more is not None
    return [first, more, movement_entry(SENT, MAY, LATE_IN_MAY)]


def books(**more: object) -> TwoBooks:
    """Bills of May have 300 of the share, and June has corrected that by 50."""
    of_may = settled(0, 0, parts={f"share|{BIKE}": 300})
    of_june = Settlement("acc-1", JUNE, "EUR", 1, parts_adjusted={str(MAY): {f"share|{BIKE}": 50}})
    known = replace(PartnerMonth("par-1", MAY, STATED, [SENT], {"EUR": 400}, {"EUR": 400}), **more)  # type: ignore[arg-type]
    return TwoBooks([account(0, settlements=[of_may, of_june])], journal=journal(), partners_known=[known])


def differences(of: TwoBooks) -> set[tuple[str, str, str, int]]:
    kept, commit = Kept(), Commits()
    asked(kept, commit)
    done = run_on(of, kept, commit)
    rows = [row for row in kept.of(done) if row.stage in ("stated", "due", "booked")]
    return {(str(row.stage), str(row.cause), row.about, row.minor) for row in rows if "settlement" not in row.about}


def test_a_statement_that_is_what_bills_and_additions_come_to_differs_in_nothing() -> None:
    assert differences(books()) == set()


def test_each_of_the_three_ways_in_which_a_statement_says_the_share_is_held_against_another() -> None:
    less = replace(STATED, lines=(replace(STATED.lines[0], minor=359), STATED.lines[1]))
    assert differences(books(stated=less)) == {
        ("stated", "unknown", "stated:2021-05:par-1:bike", 1),
        ("stated", "unknown", "stated:2021-05:par-1:bike:posted", -1),
    }
    assert differences(books(stated=replace(STATED, posted={BIKE: 351}))) == {
        ("stated", "unknown", "stated:2021-05:par-1:bike:posted", -1)
    }
    more = {"booked", "stated"}
    assert {stage for stage, *_ in differences(books(stated=replace(STATED, trued_up={BIKE: 11, "": 140})))} == more
    assert differences(books(stated=None)) >= {("stated", "unknown", "stated:2021-05:par-1:bike", 350)}


def test_what_was_sent_is_held_against_its_entry() -> None:
    assert differences(books(moved=[replace(SENT, amount=eur(90))])) == {
        ("booked", "unknown", "transfer:par-1:1:payable:par-1", 10),
        ("booked", "unknown", "transfer:par-1:1:stripe-clearing", -10),
    }
    assert len(differences(books(moved=[]))) == 2


def test_what_waits_is_what_the_ledger_owes_but_for_what_became_payable_a_moment_ago() -> None:
    assert differences(books(waiting={"EUR": 390})) == {("due", "unknown", "due:par-1", 10)}
    assert differences(books(waiting={"EUR": 390}, lately=True)) == {("due", "not_yet_posted", "due:par-1", 10)}
    assert differences(books(waiting={"EUR": 400, "SEK": 5})) == {("due", "unknown", "due:par-1", -5)}


def test_what_is_stated_after_a_run_has_begun_is_not_yet_posted() -> None:
    late = replace(STATED, lines=(replace(STATED.lines[0], minor=371), STATED.lines[1]), posted={BIKE: 360})
    late = replace(late, trued_up={BIKE: 11, "": 140})
    found = differences(books(stated=replace(late, stated_at=NOW + timedelta(seconds=1))))

    assert {cause for _, cause, *_ in found} == {"not_yet_posted"}
