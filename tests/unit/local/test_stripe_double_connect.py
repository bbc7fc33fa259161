"""Connected accounts and transfers at the double of Stripe, through the real SDK."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stripe
from stripe.params import TransferCreateParams

from infra.local.stripe_double.trying import Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _send(desk: Trial, account_id: str, amount: int, charge: str = "ch_000001", **more: str) -> stripe.Transfer:
    wanted: TransferCreateParams = {"amount": amount, "currency": "eur", "destination": account_id}
    if charge:
        wanted["source_transaction"] = charge
    return desk.client.v1.transfers.create(wanted | more, desk.key())  # type: ignore[arg-type]


def test_an_account_receives_nothing_before_its_partner_was_onboarded(desk: Trial) -> None:
    """
    Made, linked, onboarded: the event tells, under the account's own name, and transfers are taken from then on.
    """
    desk.paid_invoice(desk.customer(), 1000)
    accounts = desk.client.v1.accounts
    account = accounts.create(
        {"type": "express", "country": "FI", "capabilities": {"transfers": {"requested": True}}}, desk.key()
    )
    assert account.capabilities is not None
    assert (account.capabilities.transfers, account.payouts_enabled) == ("inactive", False)
    assert account.requirements is not None
    assert account.requirements.currently_due
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _send(desk, account.id, 500)
    assert (refusal.value.code, refusal.value.param) == ("insufficient_capabilities_for_transfer", "destination")

    link = desk.client.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "refresh_url": "https://example.com/again",
            "return_url": "https://example.com/done",
        },
        desk.key(),
    )
    assert link.url.startswith("https://connect.stripe.com/setup/e/acct_000001/")
    assert link.expires_at == int((desk.clock.at + timedelta(minutes=5)).timestamp())
    desk.double.onboard(account.id)

    ready = accounts.retrieve(account.id)
    assert ready.capabilities is not None
    assert (ready.capabilities.transfers, ready.payouts_enabled, ready.details_submitted) == ("active", True, True)
    (event,) = desk.client.v1.events.list({"type": "account.updated"}).data
    assert (event.account, event.data.object["payouts_enabled"]) == (account.id, True)
    assert _send(desk, account.id, 500).destination == account.id


def test_an_account_that_stripe_restricts_receives_nothing_more(desk: Trial) -> None:
    """
    As one whose papers are still looked at.
    """
    desk.paid_invoice(desk.customer(), 1000)
    account_id = desk.partner()
    for change in (desk.double.restrict_account, lambda found: desk.double.onboard(found, approved=False)):
        change(account_id)
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            _send(desk, account_id, 500)
        assert refusal.value.code == "insufficient_capabilities_for_transfer"
    desk.double.onboard(account_id)
    assert _send(desk, account_id, 500).amount == 500


def test_an_account_is_of_one_type_or_of_stated_properties(desk: Trial) -> None:
    """
    The older `type` or the newer `controller`; what is changed is told.
    """
    accounts = desk.client.v1.accounts
    with pytest.raises(stripe.InvalidRequestError, match="simultaneously"):
        accounts.create({"type": "express", "controller": {"fees": {"payer": "application"}}}, desk.key())
    made = accounts.create({"controller": {"stripe_dashboard": {"type": "express"}}}, desk.key())
    assert made.controller is not None
    assert made.controller.stripe_dashboard is not None
    assert (made.type, made.controller.stripe_dashboard.type) == ("none", "express")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        accounts.update(made.id, {"capabilities": {"klarna_payments": {"requested": True}}}, desk.key())
    assert refusal.value.code == "double_not_played"

    changed = accounts.update(made.id, {"metadata": {"partner": "p-1"}}, desk.key())
    assert changed.metadata is not None
    assert changed.metadata["partner"] == "p-1"
    assert [account.id for account in accounts.list().data] == [made.id]


def test_transfers_of_a_charge_come_to_no_more_than_was_taken(desk: Trial) -> None:
    """
    Of a hold of 50.00, 10.00 was captured: 7.00 and 3.00 go to two partners, and not one cent more, also after one
    was taken back. Stripe groups them by their payment.
    """
    held = desk.hold(desk.customer(), 5000)
    first, second = desk.partner(), desk.partner()
    with pytest.raises(stripe.InvalidRequestError, match="not captured"):
        _send(desk, first, 100)
    desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1000}, desk.key())
    sent = _send(desk, first, 700)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _send(desk, second, 301)
    assert refusal.value.code == "balance_insufficient"
    _send(desk, second, 300)
    desk.client.v1.transfers.reversals.create(sent.id, {}, desk.key())
    with pytest.raises(stripe.InvalidRequestError):
        _send(desk, second, 1)

    group = f"group_{held.id}"
    listed = desk.client.v1.transfers.list({"transfer_group": group}).data
    assert [(row.amount, row.transfer_group) for row in listed] == [(300, group), (700, group)]
    assert desk.client.v1.charges.list({"transfer_group": group}).data[0].id == "ch_000001"
    assert [row.amount for row in desk.client.v1.transfers.list({"destination": second}).data] == [300]


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"currency": "dkk"}, "currency"),
        ({"amount": 0}, "positive"),
        ({"destination": "acct_x"}, "No such destination"),
        ({"source_transaction": "ch_x"}, "No such charge"),
        ({"transfer_group": "other"}, "charge's own"),
        ({"source_type": "card"}, "does not play"),
    ],
)
def test_a_transfer_that_does_not_fit_its_payment_is_refused(
    desk: Trial, changed: dict[str, object], match: str
) -> None:
    """
    Nothing moves.
    """
    desk.paid_invoice(desk.customer(), 1000)
    account_id = desk.partner()
    _send(desk, account_id, 100)
    usual = {"amount": 100, "currency": "eur", "destination": account_id, "source_transaction": "ch_000001"}
    with pytest.raises(stripe.InvalidRequestError, match=match):
        desk.client.v1.transfers.create(usual | changed, desk.key())  # type: ignore[arg-type]
    assert len(desk.client.v1.transfers.list().data) == 1


def test_a_transfer_without_its_payment_needs_money_that_is_available(desk: Trial) -> None:
    """
    What a card paid is pending for three days; with `source_transaction` nobody has to wait.
    """
    desk.paid_invoice(desk.customer("pm_card_de"), 1000)
    account_id = desk.partner()
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _send(desk, account_id, 500, charge="")
    assert refusal.value.code == "balance_insufficient"

    desk.clock.at += timedelta(days=3)
    assert _send(desk, account_id, 960, charge="").source_transaction is None
    with pytest.raises(stripe.InvalidRequestError):
        _send(desk, account_id, 1, charge="")


def test_a_transfer_is_taken_back_in_part_but_never_more_than_was_sent(desk: Trial) -> None:
    """
    7.00 sent, 2.00 back, then 5.01 is too much, then the rest; each is a movement of our balance.
    """
    desk.paid_invoice(desk.customer(), 1000)
    sent = _send(desk, desk.partner(), 700)
    reversals = desk.client.v1.transfers.reversals
    assert reversals.create(sent.id, {"amount": 200}, desk.key()).transfer == sent.id
    with pytest.raises(stripe.InvalidRequestError, match="at most what is left"):
        reversals.create(sent.id, {"amount": 501}, desk.key())
    found = desk.client.v1.transfers.retrieve(sent.id)
    assert (found.amount_reversed, found.reversed) == (200, False)

    assert reversals.create(sent.id, {}, desk.key()).amount == 500
    assert desk.client.v1.transfers.retrieve(sent.id).reversed
    assert [row.amount for row in reversals.list(sent.id).data] == [500, 200]
    moved = desk.client.v1.balance_transactions.list({"type": "transfer_refund"}).data
    assert [row.amount for row in moved] == [500, 200]
    assert len(desk.client.v1.events.list({"type": "transfer.reversed"}).data) == 2
