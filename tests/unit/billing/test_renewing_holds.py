"""Holds of sessions that go on for longer than banks keep them: renewed, tried again, and let go in their turn."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.cards import charge_from_now_on
from chalicelib.billing.errors import HoldDeclined
from chalicelib.billing.hold_model import HoldState
from chalicelib.billing.hold_watching import take_note_of_hold
from chalicelib.billing.model import PaymentMethod
from tests.unit.billing.books import ACCOUNT
from tests.unit.billing.holds import NOW, SESSION, Desk
from tests.unit.billing.test_holding import taken

HOUR = timedelta(hours=1)


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestRenewing:
    """The bank keeps it for 4 days and 18 hours."""

    def test_the_next_one_stands_before_the_one_before_is_let_go(self, desk: Desk) -> None:
        taken(desk)
        for days, turn in ((3, 1), (4, 2), (8, 2), (9, 3), (30, 8)):
            desk.pass_time(NOW + timedelta(days=days, hours=7) - desk.now)
            assert desk.bank.live == [f"pi_ses_1:{turn}"]
        assert desk.holds.told == ["hold_released 20.00 EUR 0.00 EUR"] * 7

    def test_declined_the_account_is_told_and_narrowed_and_in_order_once_another_card_holds(self, desk: Desk) -> None:
        taken(desk)
        desk.bank.declines["pm_1"] = "lost_card"
        desk.pass_time(timedelta(days=4, hours=7))
        payer = desk.billed.payers[ACCOUNT]
        assert desk.holds.told == ["hold_not_renewed 20.00 EUR lost_card another_method"]
        assert (payer.failed, desk.billed.told) == (frozenset({"hold:ses_1"}), ["narrow 05-17 15:00"])
        assert desk.bank.live == ["pi_ses_1:1"]

        another = PaymentMethod("pm_2", "card")
        desk.commit(charge_from_now_on(payer, another, billed=desk.billed, zone="UTC", now=desk.now), None)  # type: ignore[arg-type]
        assert desk.billed.told[-1] == "renew hold ses_1"
        desk.holds.looks.append((desk.now, SESSION, 0))
        desk.pass_time(HOUR)
        assert (desk.billed.payers[ACCOUNT].failed, desk.bank.live) == (frozenset(), ["pi_ses_1:3"])

    def test_declined_for_what_passes_it_is_tried_again_as_a_payment_is_and_stands_without_anybody(
        self, desk: Desk
    ) -> None:
        """
        No funds on the fourth day: the next tries are three days later and five after that; a lost card has none.
        """
        taken(desk)
        desk.bank.declines["pm_1"] = "insufficient_funds"
        desk.pass_time(timedelta(days=4, hours=7))
        (told,) = desk.holds.told
        assert told == "hold_not_renewed 20.00 EUR insufficient_funds funds 2021-05-17T15:00:00.000000Z"
        desk.pass_time(timedelta(days=3))
        assert [each.state for each in desk.holds.kept.values()][-2:] == [HoldState.DECLINED] * 2
        assert len(desk.bank.intents) == 3
        desk.bank.declines.clear()
        desk.pass_time(timedelta(days=4, hours=22))
        assert desk.billed.payers[ACCOUNT].failed == {"hold:ses_1"}
        desk.pass_time(HOUR)

        assert (desk.billed.payers[ACCOUNT].failed, desk.bank.live[-1:]) == (frozenset(), ["pi_ses_1:4"])

    @pytest.mark.parametrize(("advice", "asked"), [("try_again_later", 3), ("do_not_try_again", 2)])
    def test_what_a_bank_advises_against_is_not_tried_again(self, desk: Desk, advice: str, asked: int) -> None:
        taken(desk)
        desk.bank.declines["pm_1"], desk.bank.advice = "generic_decline", advice
        desk.pass_time(timedelta(days=5, hours=7))

        assert len(desk.bank.intents) == asked

    @pytest.mark.parametrize("meanwhile", ["session over", "another card"])
    def test_a_try_that_something_else_has_overtaken_is_not_made(self, desk: Desk, meanwhile: str) -> None:
        taken(desk)
        desk.bank.declines["pm_1"] = "processing_error"
        desk.pass_time(timedelta(days=4, hours=6, minutes=5))
        assert len(desk.bank.intents) == 2
        if meanwhile == "session over":
            desk.opened.clear()
        else:
            desk.charge("pm_2")
            desk.holds.looks.append((desk.now, SESSION, 0))
        desk.pass_time(timedelta(days=4))

        assert len(desk.bank.intents) == 2 + (meanwhile == "another card")

    def test_what_the_bank_lets_go_by_itself_is_told_and_asked_for_anew(self, desk: Desk) -> None:
        taken(desk)
        gone = replace(desk.bank.intents["pi_ses_1:1"], status="canceled")
        desk.bank.intents["pi_ses_1:1"] = gone
        for _ in range(2):
            take_note_of_hold(gone, watching=desk.watching)
        desk.pass_time(HOUR)

        assert desk.states() == [HoldState.EXPIRED, HoldState.HELD]
        assert [each.split()[0] for each in desk.holds.told] == ["hold_expired"]

    def test_what_comes_to_stand_after_it_was_given_up_is_let_go(self, desk: Desk) -> None:
        desk.bank.declines["pm_1"] = "insufficient_funds"
        with pytest.raises(HoldDeclined):
            taken(desk)
        late = replace(desk.bank.intents["pi_ses_1:1"], status="requires_capture")
        desk.bank.intents["pi_ses_1:1"] = late
        take_note_of_hold(late, watching=desk.watching)

        assert desk.bank.live == []
