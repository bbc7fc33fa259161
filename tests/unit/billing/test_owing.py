"""A charge is shown, told, may be objected to, and is billed only once it is accepted or decided."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.owed_errors import (
    ChargeChanged,
    ChargeNotOpen,
    ChargeSessionUnknown,
    ChargesTooMany,
    ChargeTimeInvalid,
    ChargeTooHigh,
    ChargeUndescribed,
    CounterTooHigh,
    DecisionInvalid,
    EvidenceMissing,
    EvidenceTooMuch,
    UnknownCharge,
    UnknownEvidence,
)
from chalicelib.billing.owed_model import MOST_EVIDENCE, MOST_OF_A_SESSION, ChargeState, Evidence, PartnerCharge
from chalicelib.billing.owed_ports import Wanted, Whose
from chalicelib.billing.owing import (
    accept,
    add_evidence,
    counter,
    decide,
    evidence_link,
    lapse,
    object_to,
    of_account,
    of_partner,
    submit,
    withdraw,
)
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from tests.unit.billing.books import ACCOUNT
from tests.unit.billing.owed import BEGAN, DAY, NOW, PHOTO, POLICY, Desk

PAPER = Evidence("b" * 64, "application/pdf", 2000)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def told(desk: Desk, kind: str = "damage") -> PartnerCharge:
    return submit(desk.draft(kind, 12000, PHOTO), "key-1", files=desk.files, owing=desk.owing)  # type: ignore[arg-type]


def objected(desk: Desk) -> PartnerCharge:
    return object_to(told(desk), "not_me", "It was bent before.", "cus-1", owing=desk.owing)


def states(charge: PartnerCharge) -> list[str]:
    return [str(step.state) for step in charge.history]


def test_a_partner_drafts_a_charge_for_a_session_of_its_own_weeks_later_and_nobody_is_told_yet(desk: Desk) -> None:
    charge = desk.draft("damage", 12000, PHOTO)

    assert (charge.account_id, charge.product_id, charge.happened_at) == (ACCOUNT, "bike", BEGAN)
    assert (charge.state, charge.amount.minor, states(charge)) == (ChargeState.DRAFTED, 12000, ["drafted"])
    assert desk.charges.told == []
    with pytest.raises(UnknownCharge):
        of_account(charge.charge_id, ACCOUNT, charges=desk.charges)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"partner_id": "par-2"}, ChargeSessionUnknown),
        ({"session_id": "ses-2"}, ChargeSessionUnknown),
        ({"amount": Money(0, "EUR")}, ChargeTooHigh),
        ({"amount": Money(-1, "EUR")}, ChargeTooHigh),
        ({"amount": POLICY.most + Money(1, "EUR")}, ChargeTooHigh),
        ({"amount": Money(100, "SEK")}, ChargeTooHigh),
        ({"happened_at": BEGAN - timedelta(seconds=1)}, ChargeTimeInvalid),
        ({"happened_at": NOW + timedelta(seconds=1)}, ChargeTimeInvalid),
        ({"description": {}}, ChargeUndescribed),
        ({"evidence": tuple(replace(PHOTO, sha256=f"{n:064x}") for n in range(MOST_EVIDENCE + 1))}, EvidenceTooMuch),
    ],
)
def test_what_is_none_of_the_partners_or_out_of_bounds_is_refused_and_leaves_nothing(
    desk: Desk, changed: dict[str, object], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        desk.draft(**changed)  # type: ignore[arg-type]

    assert desk.charges.kept == {}


def test_harm_needs_a_session_in_which_the_thing_was_handed_out_and_an_order_may_come_before_it(desk: Desk) -> None:
    desk.sessions.session = desk.sessions.session._replace(was_used=False)
    with pytest.raises(ChargeTimeInvalid):
        desk.draft()

    assert desk.draft("delivery", happened_at=BEGAN - DAY)


def test_a_session_has_so_many_charges_at_most(desk: Desk) -> None:
    for _ in range(MOST_OF_A_SESSION):
        desk.draft()
    with pytest.raises(ChargesTooMany):
        desk.draft()


def test_another_partner_and_another_account_know_nothing_of_it(desk: Desk) -> None:
    charge = told(desk)

    assert of_partner(charge.charge_id, "par-1", charges=desk.charges) == charge
    assert of_account(charge.charge_id, ACCOUNT, charges=desk.charges) == charge
    for refused in (
        lambda: of_partner(charge.charge_id, "par-2", charges=desk.charges),
        lambda: of_account(charge.charge_id, "acc-2", charges=desk.charges),
    ):
        with pytest.raises(UnknownCharge):
            refused()


def test_evidence_is_announced_once_and_sealed_when_its_customer_is_told(desk: Desk) -> None:
    draft = desk.draft("fine", 8000)
    for _ in range(2):
        draft, upload = add_evidence(draft, PAPER, files=desk.files, owing=desk.owing)
        assert upload.href.endswith(PAPER.sha256)
    with pytest.raises(UnknownEvidence):
        evidence_link(draft, PAPER.sha256, files=desk.files)

    charge = submit(draft, "key-1", files=desk.files, owing=desk.owing)

    assert charge.evidence == (replace(PAPER, version="v1"),)
    assert evidence_link(charge, PAPER.sha256, files=desk.files) == f"get/{PAPER.sha256}/v1"
    assert desk.charges.told == ["charge_stated stated"]
    assert desk.charges.timers == [(charge.charge_id, NOW + 30 * DAY)]
    with pytest.raises(ChargeNotOpen):
        add_evidence(charge, PHOTO, files=desk.files, owing=desk.owing)


def test_what_is_owed_is_not_told_without_evidence_and_no_charge_without_what_was_announced(desk: Desk) -> None:
    with pytest.raises(EvidenceMissing):
        submit(desk.draft("loss"), "key-1", files=desk.files, owing=desk.owing)
    desk.files.missing.add(PHOTO.sha256)
    for kind in ("loss", "delivery"):
        with pytest.raises(EvidenceMissing):
            told(desk, kind)

    assert submit(desk.draft("delivery"), "key-1", files=desk.files, owing=desk.owing).state is ChargeState.STATED


def test_the_customer_accepts_at_once_and_it_is_due_in_the_open_month(desk: Desk) -> None:
    charge = accept(told(desk), "cus-1", owing=desk.owing)

    assert (charge.state, str(charge.month), charge.charged_at) == (ChargeState.ACCEPTED, "2021-06", NOW)
    assert desk.charges.told == ["charge_stated stated", "charge_accepted accepted", "bill 2021-06"]
    assert accept(charge, "cus-1", owing=desk.owing) is charge


def test_silence_accepts_what_is_owed_when_the_period_is_over_and_not_before(desk: Desk) -> None:
    charge = told(desk)
    (name, at) = desk.charges.timers[0]
    lapse(name, at - timedelta(seconds=1), owing=desk.owing)
    assert desk.charges.kept[name].state is ChargeState.STATED

    desk.now = at + timedelta(minutes=2)
    lapsed = lapse(name, at, owing=desk.owing)

    assert lapsed is not None
    assert (at, lapsed.state, lapsed.charged_at) == (NOW + 14 * DAY, ChargeState.ACCEPTED, at)
    assert lapsed.history[-1].by == "silence"
    assert lapse(charge.charge_id, at, owing=desk.owing) == lapsed


def test_silence_orders_nothing(desk: Desk) -> None:
    charge = told(desk, "delivery")

    lapsed = lapse(charge.charge_id, NOW + 14 * DAY, owing=desk.owing)

    assert lapsed is not None
    assert lapsed.state is ChargeState.WITHDRAWN


def test_an_objection_stops_the_timer_and_leaves_it_to_the_operator(desk: Desk) -> None:
    charge = objected(desk)

    assert (charge.state, charge.reason, charge.history[-1].note) == ("objected", "not_me", "It was bent before.")
    assert lapse(charge.charge_id, NOW + 14 * DAY, owing=desk.owing) == charge


def test_after_its_period_an_objection_is_too_late_and_an_order_that_is_denied_is_none(desk: Desk) -> None:
    ordered = object_to(told(desk, "add_on"), "not_ordered", "", "cus-1", owing=desk.owing)
    assert ordered.state is ChargeState.WITHDRAWN

    charge = told(desk)
    desk.now = NOW + 14 * DAY
    with pytest.raises(ChargeNotOpen):
        object_to(charge, "not_me", "", "cus-1", owing=desk.owing)


@pytest.mark.parametrize(
    ("verdict", "cents", "state", "due"),
    [("upheld", None, "decided", 12000), ("reduced", 5000, "decided", 5000), ("dropped", None, "dropped", 12000)],
)
def test_the_operator_upholds_reduces_or_drops_and_the_customer_is_told(
    desk: Desk, verdict: str, cents: int | None, state: str, due: int
) -> None:
    amount = None if cents is None else Money(cents, "EUR")

    charge = decide(objected(desk), verdict, amount, "seen", "olga", owing=desk.owing)  # type: ignore[arg-type]

    assert (charge.state, charge.amount.minor, charge.stated.minor) == (state, due, 12000)
    assert charge.history[-1].note == "seen"
    assert f"charge_decided {state}" in desk.charges.told


@pytest.mark.parametrize(
    ("verdict", "cents"), [("upheld", 1), ("reduced", None), ("dropped", 1), ("reduced", 0), ("reduced", 12000)]
)
def test_a_decision_that_makes_no_sense_is_refused(desk: Desk, verdict: str, cents: int | None) -> None:
    amount = None if cents is None else Money(cents, "EUR")
    charge = objected(desk)
    with pytest.raises(DecisionInvalid):
        decide(charge, verdict, amount, "", "olga", owing=desk.owing)  # type: ignore[arg-type]
    with pytest.raises(ChargeNotOpen):
        decide(told(desk), "upheld", None, "", "olga", owing=desk.owing)


def test_of_two_who_change_a_charge_at_once_one_is_refused(desk: Desk) -> None:
    charge = told(desk)
    accept(charge, "cus-1", owing=desk.owing)

    with pytest.raises(ChargeChanged):
        withdraw(charge, "key-1", "", owing=desk.owing)


def test_a_partner_withdraws_until_it_is_billed_and_gives_back_after_that(desk: Desk) -> None:
    draft = withdraw(desk.draft(), "key-1", "mistaken", owing=desk.owing)
    assert (draft.state, desk.charges.told) == ("withdrawn", [])
    for charge in (told(desk), objected(desk), accept(told(desk), "cus-1", owing=desk.owing)):
        assert withdraw(charge, "key-1", "", owing=desk.owing).state is ChargeState.WITHDRAWN
        assert desk.charges.told[-1] == "charge_withdrawn withdrawn"

    due = accept(told(desk), "cus-1", owing=desk.owing)
    with pytest.raises(ChargeNotOpen):
        counter(due, Money(1, "EUR"), "key-1", "", owing=desk.owing)
    billed = due.bill(NOW)
    with pytest.raises(ChargeNotOpen):
        withdraw(billed, "key-1", "", owing=desk.owing)


@pytest.mark.parametrize("cents", [0, -1, 12001])
def test_no_more_is_given_back_than_is_left(desk: Desk, cents: int) -> None:
    billed = accept(told(desk), "cus-1", owing=desk.owing).bill(NOW)
    with pytest.raises(CounterTooHigh):
        billed.counter(Money(cents, "EUR"), NOW, "key-1", "")
    with pytest.raises(CounterTooHigh):
        billed.counter(Money(12000, "EUR"), NOW, "key-1", "").counter(Money(1, "EUR"), NOW, "key-1", "")


def test_lists_are_filtered_by_state_kind_and_session_and_come_in_pages(desk: Desk) -> None:
    first, other, last = told(desk), told(desk, "delivery"), told(desk, "fine")

    def listed(wanted: Wanted, limit: int = 9, after: str | None = None) -> set[str]:
        rows = desk.charges.listed(Whose(partner_id="par-1"), wanted, limit=limit, after=after)
        return {each.charge_id for each in rows}

    assert listed(Wanted(kind="delivery")) == {other.charge_id}
    assert listed(Wanted(state=ChargeState.STATED, session_id="ses-1")) == {
        each.charge_id for each in (first, other, last)
    }
    assert listed(Wanted(session_id="ses-2")) == set()
