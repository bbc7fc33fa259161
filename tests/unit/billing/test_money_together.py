"""Holds, credit notes, refunds, disputes, debts and the daily comparison, each beside the others, against the double.

After each story the ledger holds to the cent what Stripe does, and a comparison finds nothing to say, twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from chalicelib.billing.credit_model import ProviderRefund
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.errors import CollectorUnavailable, RefundTooMuch, SettlementChanged
from chalicelib.billing.goodwill import ask_goodwill
from chalicelib.billing.hold_model import Hold
from chalicelib.billing.hold_watching import Watching, look, take_note_of_hold
from chalicelib.billing.refunding import note_refund
from chalicelib.ledger.accounts import BAD_DEBT, DISPUTED
from infra.local.stripe_double.trying import trial
from tests.unit.billing.books import ACCOUNT, JUNE, MAY, SideBySide
from tests.unit.billing.money import NOW, euro, invoice
from tests.unit.billing.together import FAILED, PAID, WRITTEN_OFF, Together


@pytest.fixture
def account() -> Iterator[Together]:
    with trial() as running:
        yield Together(stripe=running)


def billed(account: Together, cost: int, held: int = 0, *, declines: bool = False) -> None:
    """A ride is settled, with what is held for it, and collected; the card declines all that is not held."""
    account.rides.ridden(MAY, cost)
    invoice = account.settle(held=held)
    assert invoice is not None
    if declines:
        account.declines()
    account.collect(invoice)


def corrected(account: Together, cost: int) -> None:
    """The first ride turns out to cost that much: what was billed too much is a credit note of the next month."""
    account.rides.corrected(next(iter(account.rides.cents)), cost, JUNE)
    account.settle(JUNE)
    account.hear()


def disputed(account: Together) -> None:
    """The customer's bank takes the first payment back, as far as it was not refunded."""
    charge = next(iter(account.billed.charges))
    account.bring(account.stripe.double.open_dispute(charge))


@contextmanager
def breaking(provider: object, call: str, *, acted: bool) -> Iterator[None]:
    """The provider's call fails, before or after it has acted."""
    real = getattr(provider, call)

    def broken(*what: object) -> None:
        if acted:
            real(*what)
        raise CollectorUnavailable

    with patch.object(provider, call, broken):
        yield


class TestHolds:
    """A hold of four euros pays a part of ten, the card the rest."""

    def test_each_payment_is_given_back_up_to_what_it_was_and_no_further(self, account: Together) -> None:
        billed(account, 1000, held=400)
        assert (account.payments(), account.invoice().state) == ({"hold": 400, "card": 600}, PAID)
        corrected(account, 250)
        assert account.payments() == {"hold": 250, "card": 0}
        corrected(account, 0)

        assert (account.payments(), account.owes()) == ({"hold": 0, "card": 0}, 0)
        assert account.differ() == account.differ() == {}

    def test_what_it_paid_is_booked_before_the_rest_is_and_nothing_differs(self, account: Together) -> None:
        billed(account, 1000, held=400, declines=True)

        assert (account.invoice().state, account.owes()) == (FAILED, 600)
        assert account.differ() == account.differ() == {}

    def test_a_debt_of_which_it_paid_a_part_is_given_up_for_the_rest_and_recovered(self, account: Together) -> None:
        billed(account, 1000, held=400, declines=True)
        account.write_off(account.invoice())
        assert (account.owes(), account.journal.sum_of(BAD_DEBT)) == (0, 600)
        assert account.differ() == account.differ() == {}

        account.stripe.double.pay_at_page(account.invoice().provider_invoice or "")
        account.hear()
        assert (account.owes(), account.journal.sum_of(BAD_DEBT), account.invoice().state) == (0, 0, PAID)
        assert account.differ() == account.differ() == {}

    @pytest.mark.parametrize(("cost", "asked"), [(300, 400), (940, 940), (420, 450)])
    def test_credit_lowers_only_the_rest_of_it_and_goes_back_for_what_it_paid(
        self, account: Together, cost: int, asked: int
    ) -> None:
        billed(account, 1000, held=400, declines=True)
        corrected(account, cost)
        assert account.invoice().asks.minor == asked
        account.stripe.double.change_card(account.card)
        account.collect(account.invoice())
        account.hear()

        assert (account.invoice().state, sum(account.payments().values()), account.owes()) == (PAID, cost, 0)
        assert account.differ() == account.differ() == {}

    @pytest.mark.parametrize("acted", [False, True])
    @pytest.mark.parametrize("call", ["capture", "attach"])
    @pytest.mark.parametrize(("held", "cost"), [(400, 250), (400, 700), (1000, 250), (1000, 0)])
    def test_what_its_worker_had_begun_to_take_before_it_died_credit_leaves_alone_and_gives_back(
        self, account: Together, held: int, cost: int, call: str, *, acted: bool
    ) -> None:
        """
        The correction comes between the two tries: it lowers what the card pays, and the rest of it is refunded.
        """
        account.rides.ridden(MAY, 1000)
        invoice = account.settle(held=held)
        assert invoice is not None
        with breaking(account.bank, call, acted=acted), pytest.raises(CollectorUnavailable):
            account.collect(invoice)
        corrected(account, cost)
        account.collect(account.invoice())
        account.hear()

        assert (account.invoice().state, sum(account.payments().values()), account.owes()) == (PAID, cost, 0)
        assert account.differ() == account.differ() == {}

    @pytest.mark.parametrize("asks", [True, False], ids=["Stripe was asked", "Stripe is asked later"])
    @pytest.mark.parametrize("call", ["capture", "attach"])
    @pytest.mark.parametrize("held", [400, 1000])
    def test_what_was_taken_before_its_worker_died_pays_its_invoice_though_its_time_to_be_let_go_has_come(
        self, account: Together, held: int, call: str, *, asks: bool
    ) -> None:
        """
        The hold's last hours begin between the two tries: whoever looks after holds lets it go, and learns that it was
        taken, before or after the invoice is collected again. The card pays the rest and no more.
        """
        account.rides.ridden(MAY, 1000)
        invoice = account.settle(held=held)
        assert invoice is not None
        with breaking(account.bank, call, acted=True), pytest.raises(CollectorUnavailable):
            account.collect(invoice)
        later = Watching(replace(account.holding, now=NOW + timedelta(days=30)), lambda _session: False)
        trouble = nullcontext() if asks else breaking(account.bank, "cancel", acted=False)
        with trouble, nullcontext() if asks else pytest.raises(CollectorUnavailable):
            look(ACCOUNT, "ses_1", 1, watching=later)
        account.collect(account.invoice())
        look(ACCOUNT, "ses_1", 1, watching=later)
        account.hear()

        assert (account.invoice().state, sum(account.payments().values()), account.owes()) == (PAID, 1000, 0)
        assert [str(each.state) for each in account.holds.kept.values()] == ["captured"]
        assert account.differ() == account.differ() == {}

    def test_what_was_to_be_taken_of_a_hold_that_is_gone_by_the_next_try_is_owed_as_all_else(
        self, account: Together
    ) -> None:
        account.rides.ridden(MAY, 1000)
        invoice = account.settle(held=400)
        assert invoice is not None
        with breaking(account.bank, "capture", acted=False), pytest.raises(CollectorUnavailable):
            account.collect(invoice)
        assert (account.invoice().claimed, account.invoice().rest.minor) == (400, 600)
        (hold,) = account.holds.kept.values()
        account.bank.cancel(hold.intent or "")
        account.declines()
        account.collect(account.invoice())
        account.write_off(account.invoice())

        assert (account.owes(), account.journal.sum_of(BAD_DEBT)) == (0, 1000)
        assert account.differ() == account.differ() == {}

    def test_of_what_was_credited_wholly_before_it_was_collected_the_hold_is_let_go(self, account: Together) -> None:
        account.rides.ridden(MAY, 1000)
        account.settle(held=400)
        corrected(account, 0)

        assert (account.invoice().state, account.payments()) == (PAID, {})
        assert [str(each.state) for each in account.holds.kept.values()] == ["releasing"]
        assert account.differ() == account.differ() == {}


class TestDisputes:
    """A payment of ten euros."""

    def test_of_what_was_partly_refunded_the_rest_is_disputed_and_lost_and_no_more(self, account: Together) -> None:
        billed(account, 1000)
        corrected(account, 700)
        disputed(account)
        assert account.journal.sum_of(DISPUTED) == 700
        account.decide(won=False)

        assert (account.journal.sum_of(DISPUTED), account.journal.sum_of(BAD_DEBT), account.owes()) == (0, 700, 0)
        assert account.differ() == account.differ() == {}

    def test_of_what_its_bank_took_back_nothing_is_given_out_of_goodwill_unless_it_is_won(
        self, account: Together
    ) -> None:
        billed(account, 1000)
        disputed(account)

        def ask() -> object:
            how = {
                "issuing": Issuing(account.notes, account.kept.numbers),
                "zone": "UTC",
                "now": NOW,
                "commit": account.commit,
            }
            return ask_goodwill(account.invoice(), euro(100), "", disputes=[*account.disputes.kept.values()], **how)

        for won in (None, False):
            if won is not None:
                account.decide(won=won)
            with pytest.raises(RefundTooMuch):
                ask()
        (dispute,) = account.disputes.kept.values()
        account.disputes.kept[dispute.dispute_id] = replace(dispute, held=0)
        assert ask() is not None

    def test_what_is_disputed_cannot_be_refunded_and_is_credit_for_the_next_bill(self, account: Together) -> None:
        billed(account, 1000)
        disputed(account)
        corrected(account, 700)
        assert account.owes() == -300
        assert [each.split()[0] for each in account.notes.told] == ["credit_note", "refund_failed"]
        account.decide(won=True)
        assert account.differ() == account.differ() == {}

        account.rides.ridden(JUNE, 1000)
        (june,) = [each for each in [account.settle(JUNE)] if each is not None]
        account.collect(june)
        assert (account.invoice(month=JUNE).asks.minor, account.owes()) == (700, 0)
        assert account.differ() == account.differ() == {}


class TestDebts:
    """Ten euros that the card declines for good."""

    def test_of_what_credit_lowered_the_rest_is_given_up_and_recovered(self, account: Together) -> None:
        billed(account, 1000, declines=True)
        corrected(account, 600)
        account.write_off(account.invoice())
        assert (account.owes(), account.journal.sum_of(BAD_DEBT)) == (0, 600)
        assert account.differ() == account.differ() == {}

        account.stripe.double.pay_at_page(account.invoice().provider_invoice or "")
        assert account.differ() == {account.invoice().invoice_id: ("payment_not_noted", "noted")}
        assert (account.owes(), account.journal.sum_of(BAD_DEBT), account.invoice().state) == (0, 0, PAID)
        assert account.differ() == {}

    def test_credit_after_it_was_given_up_stays_credit_and_nothing_is_refunded(self, account: Together) -> None:
        billed(account, 1000, declines=True)
        account.write_off(account.invoice())
        corrected(account, 600)

        assert (account.owes(), account.journal.sum_of(BAD_DEBT), account.payments()) == (-400, 1000, {})
        assert account.invoice().state is WRITTEN_OFF
        assert account.differ() == account.differ() == {}


class TestStopped:
    """All collection is stopped."""

    def test_credit_and_refunds_go_on_and_what_waits_is_collected_once_it_is_released(self, account: Together) -> None:
        billed(account, 1000)
        account.turn(stopped=True)
        billed(account, 500, held=500)
        corrected(account, 300)
        assert (account.invoice(2).asks.minor, account.payments()) == (0, {"card": 800})
        assert [str(each.state) for each in account.holds.kept.values()] == ["releasing"]
        billed(account, 900)
        assert (account.owes(), account.differ(), account.differ()) == (900, {}, {})

        account.turn(stopped=False)
        account.released()
        assert (account.owes(), account.payments()) == (0, {"card": 1700})
        assert account.differ() == account.differ() == {}

    def test_a_debt_is_given_up_and_its_recovery_is_noted(self, account: Together) -> None:
        billed(account, 1000, declines=True)
        account.turn(stopped=True)
        account.write_off(account.invoice())
        assert account.differ() == {}
        account.stripe.double.pay_at_page(account.invoice().provider_invoice or "")
        account.hear()

        assert (account.invoice().state, account.owes(), account.journal.sum_of(BAD_DEBT)) == (PAID, 0, 0)
        assert account.differ() == account.differ() == {}


class TestStrangers:
    """What Stripe tells of somebody whom nobody here knows."""

    @pytest.mark.parametrize("status", ["paid", "open"])
    def test_an_invoice_of_an_unknown_account_is_neither_booked_nor_parked_and_is_reported_each_day(
        self, account: Together, status: str
    ) -> None:
        stranger = replace(invoice(), account_id="acc-9", provider_invoice=None)
        made = account.gateway.draft(stranger, account.customer)
        account.gateway.add_lines(made, stranger)
        account.gateway.finalize(made, stranger)
        if status == "paid":
            account.gateway.pay(made, stranger, account.card)
        stands = account.gateway.read(made)
        assert stands is not None
        assert account.take_note(stands) is None
        assert (account.journal.entries, account.billed.held, account.billed.told) == ({}, {}, [])
        billed(account, 500)

        found = account.compare()
        assert found[made] == ("unknown_invoice", "reported")
        assert account.compare(NOW + timedelta(minutes=1))[made] == found[made]
        assert account.owes() == 0

    def test_a_hold_a_refund_and_a_dispute_of_theirs_change_nothing(self, account: Together) -> None:
        billed(account, 500)
        before = account.books()
        hold = Hold("acc-9", "ses_9", 1, euro(900), account.customer, account.card, NOW)
        take_note_of_hold(account.bank.ask(hold), watching=Watching(account.holding, lambda _session: True))
        note_refund(ProviderRefund("re_9", "acc-9", 9, "succeeded"), account.crediting)
        by_hand = account.stripe.open_invoice(account.customer, 700)
        how = {"payment_method": account.card, "off_session": True}
        assert account.stripe.client.v1.invoices.pay(by_hand.id, how, account.stripe.key()).status == "paid"  # type: ignore[arg-type]
        charge = next(each for each in account.stripe.double._store.every("charge") if each["amount"] == 700)
        assert account.bring(account.stripe.double.open_dispute(charge["id"])) is None

        assert account.books() == before


def test_two_triggers_that_settle_at_once_bill_once_and_take_one_number(account: Together) -> None:
    account.rides.ridden(MAY, 700)
    account.kept.commit = SideBySide(account.commit, lambda: account.kept.settle(MAY, NOW))
    with pytest.raises(SettlementChanged):
        account.kept.settle(MAY, NOW)
    account.kept.commit = account.commit
    account.kept.settle(MAY, NOW)
    account.rides.ridden(MAY, 900)
    second = account.settle()

    assert second is not None
    papers = [each.paper.number for each in account.billed.made.values() if each.paper is not None]
    assert papers == ["I-000001", "I-000002"]
    assert account.owes() == 1600
