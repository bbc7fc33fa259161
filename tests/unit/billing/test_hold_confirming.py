"""A hold that its bank wants confirmed when renewed leads its customer back, and stands once that was answered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.errors import NothingToConfirm
from chalicelib.billing.hold_confirming import to_confirm
from chalicelib.billing.hold_watching import take_note_of_hold
from tests.unit.billing.books import ACCOUNT
from tests.unit.billing.holds import SESSION, TWENTY, Desk
from tests.unit.billing.test_holding import HOUR, taken


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_asked_for_its_customer_it_stands_once_that_was_answered_and_the_account_is_in_order(desk: Desk) -> None:
    taken(desk)
    desk.bank.declines["pm_1"] = "authentication_required"
    desk.pass_time(timedelta(days=4, hours=7))
    assert desk.holds.told == ["hold_needs_authentication 20.00 EUR authentication_required authenticate"]
    assert desk.billed.payers[ACCOUNT].failed == {"hold:ses_1"}
    found = to_confirm(ACCOUNT, SESSION, holding=desk.holding)
    assert (found.amount, found.client_secret, found.payment_method) == (TWENTY, "secret", "pm_1")

    answered = replace(desk.bank.intents["pi_ses_1:2"], status="requires_capture", decline_code=None)
    desk.bank.intents["pi_ses_1:2"] = answered
    for _ in range(2):
        take_note_of_hold(answered, watching=desk.watching)
    desk.pass_time(HOUR)
    assert (desk.billed.payers[ACCOUNT].failed, desk.bank.live) == (frozenset(), ["pi_ses_1:2"])
    with pytest.raises(NothingToConfirm):
        to_confirm(ACCOUNT, SESSION, holding=desk.holding)


@pytest.mark.parametrize("gone", ["over", "another"])
def test_what_is_answered_when_the_session_is_over_or_another_card_holds_is_let_go(desk: Desk, gone: str) -> None:
    taken(desk)
    desk.bank.declines["pm_1"] = "authentication_required"
    desk.pass_time(timedelta(days=4, hours=7))
    if gone == "over":
        desk.opened.clear()
    else:
        desk.charge("pm_2")
        desk.holds.looks.append((desk.now, SESSION, 0))
        desk.pass_time(HOUR)
    answered = replace(desk.bank.intents["pi_ses_1:2"], status="requires_capture", decline_code=None)
    desk.bank.intents["pi_ses_1:2"] = answered
    take_note_of_hold(answered, watching=desk.watching)
    assert "pi_ses_1:2" not in desk.bank.live


def test_where_no_bank_asks_there_is_nothing_to_confirm(desk: Desk) -> None:
    taken(desk)
    for session in (SESSION, "ses_9"):
        with pytest.raises(NothingToConfirm):
            to_confirm(ACCOUNT, session, holding=desk.holding)
