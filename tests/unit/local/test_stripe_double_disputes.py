"""Disputes at the double of Stripe, through the real SDK: from the bank's question to its decision."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stripe

from infra.local.stripe_double.trying import Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _told(desk: Trial) -> list[str]:
    """What was told of disputes, oldest first, without its prefix."""
    events = reversed(desk.client.v1.events.list({"limit": 100}).data)
    return [event.type.removeprefix("charge.dispute.") for event in events if "dispute" in event.type]


def _moved(desk: Trial) -> list[tuple[int, int, str]]:
    """Amount, fee and category of what disputes moved, oldest first."""
    rows = reversed(desk.client.v1.balance_transactions.list({"type": "adjustment"}).data)
    return [(row.amount, row.fee, row.reporting_category) for row in rows]


def test_a_disputed_payment_is_taken_back_at_once_with_a_fee(desk: Trial) -> None:
    """
    10.50 and the fee of 20.00 leave the balance; nothing of the payment can be refunded any more.
    """
    desk.paid_invoice(desk.customer("pm_card_createDispute"), 1050)

    (dispute,) = desk.client.v1.disputes.list({"charge": "ch_000001"}).data
    assert (dispute.status, dispute.is_charge_refundable) == ("needs_response", False)
    assert _told(desk) == ["created", "funds_withdrawn"]
    assert _moved(desk) == [(-1050, 2000, "dispute")]
    assert [row.net for row in dispute.balance_transactions] == [-3050]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.refunds.create({"charge": "ch_000001"}, desk.key())
    assert refusal.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("won", "status", "told", "moved"),
    [
        (True, "won", ["closed", "funds_reinstated"], [(1050, 0, "dispute_reversal")]),
        (False, "lost", ["closed"], []),
    ],
)
def test_a_dispute_is_won_or_lost(
    desk: Trial, *, won: bool, status: str, told: list[str], moved: list[tuple[int, int, str]]
) -> None:
    """
    What is won comes back, the fee does not; what is lost is lost; evidence comes too late then.
    """
    desk.paid_invoice(desk.customer(), 1050)
    dispute_id = desk.double.open_dispute("ch_000001", "product_not_received")
    sent = desk.client.v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": "The log."}}, desk.key())
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)

    desk.double.decide_dispute(dispute_id, won=won)
    assert desk.client.v1.disputes.retrieve(dispute_id).status == status
    assert _told(desk) == ["created", "funds_withdrawn", "updated", *told]
    assert _moved(desk)[1:] == moved
    with pytest.raises(stripe.InvalidRequestError, match="no evidence any more"):
        desk.client.v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": "More."}}, desk.key())


@pytest.mark.parametrize(("words", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_stripes_own_words_decide_a_dispute(desk: Trial, words: str, status: str) -> None:
    """
    As in Stripe's test mode, in `uncategorized_text`.
    """
    desk.paid_invoice(desk.customer("pm_card_createDisputeProductNotReceived"), 1050)
    decided = desk.client.v1.disputes.update("dp_000001", {"evidence": {"uncategorized_text": words}}, desk.key())
    assert (decided.status, decided.reason) == (status, "product_not_received")


def test_evidence_is_gathered_before_it_is_sent(desk: Trial) -> None:
    """
    With `submit=false` it is kept and can be changed; sent once, it is final.
    """
    desk.paid_invoice(desk.customer("pm_card_createDispute"), 1050)
    disputes = desk.client.v1.disputes
    disputes.update(
        "dp_000001", {"evidence": {"customer_name": "Ada", "service_date": "1 June"}, "submit": False}, desk.key()
    )
    kept = disputes.update("dp_000001", {"evidence": {"service_date": "2 June"}, "submit": False}, desk.key())
    assert (kept.status, kept.evidence.to_dict()) == (
        "needs_response",
        {"customer_name": "Ada", "service_date": "2 June"},
    )

    assert disputes.update("dp_000001", {}, desk.key()).status == "under_review"
    with pytest.raises(stripe.InvalidRequestError):
        disputes.update("dp_000001", {"evidence": {"customer_name": "Bob"}}, desk.key())


@pytest.mark.parametrize(
    ("evidence", "word"), [({"receipt": "file_x"}, "no files"), ({"uncategorized_text": "x" * 150_001}, "150000")]
)
def test_evidence_that_stripe_or_the_double_cannot_take_is_refused(
    desk: Trial, evidence: dict[str, str], word: str
) -> None:
    """
    Files are not played; all texts together have a bound.
    """
    desk.paid_invoice(desk.customer("pm_card_createDispute"), 1050)
    with pytest.raises(stripe.InvalidRequestError, match=word):
        desk.client.v1.disputes.update("dp_000001", {"evidence": evidence}, desk.key())  # type: ignore[typeddict-item]
    assert desk.client.v1.disputes.retrieve("dp_000001").status == "needs_response"


def test_a_dispute_is_given_in_to(desk: Trial) -> None:
    """
    Closing it loses it.
    """
    desk.paid_invoice(desk.customer("pm_card_createDispute"), 1050)
    assert desk.client.v1.disputes.close("dp_000001", {}, desk.key()).status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="cannot close"):
        desk.client.v1.disputes.close("dp_000001", {}, desk.key())


def test_a_dispute_that_nobody_answers_is_lost(desk: Trial) -> None:
    """
    After its due date, by the clock alone; evidence that was gathered but never sent does not help.
    """
    desk.paid_invoice(desk.customer("pm_card_createDispute"), 1050)
    evidence: stripe.params.DisputeUpdateParamsEvidence = {"uncategorized_text": "winning_evidence"}
    desk.client.v1.disputes.update("dp_000001", {"evidence": evidence, "submit": False}, desk.key())
    desk.clock.at += timedelta(days=9)

    dispute = desk.client.v1.disputes.retrieve("dp_000001")
    assert (dispute.status, dispute.evidence_details.past_due) == ("lost", True)
    assert _told(desk)[-1] == "closed"


def test_an_inquiry_takes_no_money_and_leaves_the_payment_refundable(desk: Trial) -> None:
    """
    The bank only asks; it closes the inquiry after 120 days.
    """
    desk.paid_invoice(desk.customer("pm_card_createDisputeInquiry"), 1050)
    dispute = desk.client.v1.disputes.retrieve("dp_000001")
    assert (dispute.status, dispute.is_charge_refundable) == ("warning_needs_response", True)
    assert (_told(desk), _moved(desk)) == (["created"], [])
    desk.client.v1.refunds.create({"charge": "ch_000001", "amount": 50}, desk.key())

    desk.clock.at += timedelta(days=120)
    assert desk.client.v1.disputes.retrieve("dp_000001").status == "warning_closed"
    assert _moved(desk) == []


def test_an_inquiry_may_become_a_dispute(desk: Trial) -> None:
    """
    Then the money is taken, and a new time to answer begins.
    """
    desk.paid_invoice(desk.customer(), 1050)
    dispute_id = desk.double.open_dispute("ch_000001", inquiry=True)
    desk.clock.at += timedelta(days=20)
    desk.double.escalate_dispute(dispute_id)

    dispute = desk.client.v1.disputes.retrieve(dispute_id)
    assert dispute.status == "needs_response"
    assert dispute.evidence_details.due_by == int((desk.clock.at + timedelta(days=9)).timestamp())
    assert _moved(desk) == [(-1050, 2000, "dispute")]


def test_a_held_amount_is_disputed_only_once_it_was_taken(desk: Trial) -> None:
    """
    And only for what was taken.
    """
    held = desk.hold(desk.customer("pm_card_createDispute"), 5000)
    assert not desk.client.v1.disputes.list().data
    desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1200}, desk.key())

    (dispute,) = desk.client.v1.disputes.list({"payment_intent": held.id}).data
    assert dispute.amount == 1200
    with pytest.raises(ValueError, match="only 1200"):
        desk.double.open_dispute("ch_000001", amount=1201)
