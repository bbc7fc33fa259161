"""Webhooks of the double of Stripe: signed, ordered, retried; and misbehaving when told to."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise

import pytest
import stripe

from infra.local.stripe_double.trying import START, WEBHOOK_SECRET, Trial, trial
from infra.local.stripe_double.webhooks import MOST_ATTEMPTS


class Endpoint:
    """Takes webhooks as the SDK would, and answers what it is told to."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.seen: list[stripe.Event] = []

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> int:
        self.seen.append(stripe.Webhook.construct_event(body, headers["Stripe-Signature"], WEBHOOK_SECRET))
        return self.status

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.seen]

    @property
    def ids(self) -> list[str]:
        return [event.id for event in self.seen]


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def test_webhooks_are_signed_and_come_in_order(desk: Trial) -> None:
    """
    From the saved card to the paid invoice; each is sent once, and then nothing is owed any more.
    """
    desk.paid_invoice(desk.customer(), 1000)
    endpoint = Endpoint()

    assert desk.double.deliver(endpoint) == 5
    assert endpoint.types == [
        "payment_method.attached",
        "setup_intent.succeeded",
        "invoice.finalized",
        "payment_intent.succeeded",
        "invoice.paid",
    ]
    assert desk.double.deliver(endpoint) == desk.double.pending_webhooks() == 0


def test_an_event_carries_the_object_as_it_was_and_says_which_request_made_it(desk: Trial) -> None:
    """
    invoice.finalized still shows the open invoice after it was paid; its times are those of the passed-in clock.
    """
    desk.paid_invoice(desk.customer(), 1000)
    endpoint = Endpoint()
    desk.double.deliver(endpoint)
    event = endpoint.seen[2]

    shown = event.data.object
    assert (shown["object"], shown["status"], shown["lines"]["data"][0]["amount"]) == ("invoice", "open", 1000)
    assert (event.api_version, event.livemode, event.created) == (stripe.api_version, False, int(START.timestamp()))
    assert event.request is not None
    assert event.request.idempotency_key is not None
    assert desk.client.v1.events.retrieve(event.id).to_dict() == event.to_dict()


def test_a_forged_or_old_signature_does_not_verify(desk: Trial) -> None:
    """
    The signature is over the time of the wall clock and the raw body, with the endpoint's own secret.
    """
    desk.customer()
    taken: list[tuple[bytes, str]] = []

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        taken.append((body, headers["Stripe-Signature"]))
        return 200

    desk.double.deliver(post)
    body, signature = taken[0]
    for bad in ((body + b" ", signature, WEBHOOK_SECRET), (body, signature, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(*bad)
    assert json.loads(body)["object"] == "event"


def test_a_refused_webhook_is_sent_again_before_the_later_ones(desk: Trial) -> None:
    """
    Nothing is lost while the endpoint is down; a broken connection counts as a refusal.
    """
    desk.customer()

    def down(_body: bytes, _headers: Mapping[str, str]) -> int:
        raise ConnectionRefusedError

    assert desk.double.deliver(Endpoint(500)) == 0
    assert desk.double.deliver(down) == 0
    desk.open_invoice("cus_000001", 1000)

    endpoint = Endpoint()
    assert desk.double.deliver(endpoint) == 3
    assert endpoint.types == ["payment_method.attached", "setup_intent.succeeded", "invoice.finalized"]


def test_no_webhook_is_lost_when_the_sender_itself_breaks(desk: Trial) -> None:
    """
    A mistake in the local run surfaces, and what was not sent is still owed, in order.
    """
    desk.customer()

    def broken(_body: bytes, _headers: Mapping[str, str]) -> int:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.double.deliver(broken)
    endpoint = Endpoint()
    desk.double.deliver(endpoint)
    assert endpoint.types == ["payment_method.attached", "setup_intent.succeeded"]


def test_a_webhook_that_is_never_accepted_is_given_up(desk: Trial) -> None:
    """
    After the stated number of attempts; the event itself can still be read.
    """
    desk.customer()
    for _ in range(MOST_ATTEMPTS):
        assert desk.double.pending_webhooks() == 2
        desk.double.deliver(Endpoint(503))

    assert desk.double.pending_webhooks() == 0
    for event_id in desk.double.undelivered_webhooks():
        assert desk.client.v1.events.retrieve(event_id).id == event_id


def test_the_receiver_may_call_back_while_it_is_served(desk: Trial) -> None:
    """
    A webhook is a hint; the receiver re-reads the object, and what that changes is delivered next time.
    """
    desk.paid_invoice(desk.customer(), 1000)
    read: list[str] = []

    def post(body: bytes, _headers: Mapping[str, str]) -> int:
        shown = json.loads(body)["data"]["object"]
        if shown["object"] == "invoice":
            read.append(str(desk.client.v1.invoices.retrieve(shown["id"]).status))
        return 200

    assert desk.double.deliver(post) == 5
    assert read == ["paid", "paid"]


def test_webhooks_misbehave_on_request(desk: Trial) -> None:
    """
    Three times each, in another order (the same one for the same seed), and two deliveries late.
    """
    orders = []
    for _ in range(2):
        with trial() as other:
            other.paid_invoice(other.customer(), 1000)
            other.double.misbehave(repeat=3, shuffle_seed=5, hold=2)
            endpoint = Endpoint()
            assert [other.double.deliver(endpoint) for _ in range(4)] == [0, 0, 15, 0]
            orders.append(endpoint.ids)

    assert orders[0] == orders[1]
    assert orders[0] != sorted(orders[0])
    assert orders[0][0] == orders[0][1] == orders[0][2]

    desk.double.misbehave()
    desk.customer()
    assert desk.double.deliver(Endpoint()) == 2


def test_a_refused_webhook_is_tried_again_at_growing_intervals_for_three_days(desk: Trial) -> None:
    """
    By the clock: 5 and 30 minutes, 2, 5 and 10 hours later, then every 12 hours; after three days it is given up.
    """
    desk.double.misbehave(back_off=True)
    desk.open_invoice(desk.client.v1.customers.create({}, desk.key()).id, 1000)
    tried: list[timedelta] = []
    while desk.double.pending_webhooks():
        endpoint = Endpoint(500)
        desk.double.deliver(endpoint)
        tried += [desk.clock.at - START] * len(endpoint.seen)
        desk.clock.at += timedelta(minutes=1)

    steps = [round((later - earlier) / timedelta(minutes=1)) for earlier, later in pairwise(tried)]
    assert steps == [5, 30, 120, 300, 600, 720, 720, 720, 720]
    assert tried[-1] < timedelta(days=3)
    assert len(desk.double.undelivered_webhooks()) == 1


def test_a_webhook_that_waits_for_its_next_try_lets_later_ones_pass(desk: Trial) -> None:
    """
    So an endpoint that was down for a minute hears of the end before the beginning.
    """
    desk.double.misbehave(back_off=True)
    customer_id = desk.customer()
    desk.double.deliver(Endpoint())
    invoice = desk.open_invoice(customer_id, 1000)
    desk.double.deliver(Endpoint(503))
    desk.client.v1.invoices.pay(invoice.id, {}, desk.key())

    endpoint = Endpoint()
    desk.double.deliver(endpoint)
    desk.clock.at += timedelta(minutes=5)
    desk.double.deliver(endpoint)
    assert endpoint.types == ["payment_intent.succeeded", "invoice.paid", "invoice.finalized"]


def test_webhooks_are_late_by_the_clock_on_request(desk: Trial) -> None:
    """
    An hour late, however often delivery is tried before.
    """
    desk.double.misbehave(late=timedelta(hours=1))
    desk.customer()
    desk.clock.at += timedelta(minutes=59)
    assert [desk.double.deliver(Endpoint()) for _ in range(3)] == [0, 0, 0]
    desk.clock.at += timedelta(minutes=1)
    assert desk.double.deliver(Endpoint()) == 2


def test_an_accepted_webhook_is_sent_once_more_on_request(desk: Trial) -> None:
    """
    Weeks later, with the same id and content and a fresh signature.
    """
    desk.customer()
    first, again = Endpoint(), Endpoint()
    desk.double.deliver(first)
    desk.clock.at += timedelta(days=20)
    desk.double.resend(first.ids[0])
    desk.double.deliver(again)

    assert [event.to_dict() for event in again.seen] == [first.seen[0].to_dict()]


def test_an_endpoint_hears_of_further_events_once_it_is_registered_for_them(desk: Trial) -> None:
    """
    What happened before is not sent afterwards.
    """
    desk.paid_invoice(desk.customer(), 1000)
    desk.double.also_listen_to("refund.created", "charge.succeeded")
    desk.double.deliver(Endpoint())
    desk.client.v1.refunds.create({"charge": "ch_000001"}, desk.key())

    endpoint = Endpoint()
    desk.double.deliver(endpoint)
    assert endpoint.types == ["refund.created", "charge.refunded"]
