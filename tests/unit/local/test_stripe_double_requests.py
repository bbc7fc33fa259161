"""Keys, idempotency, faults and addresses of the double of Stripe."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import stripe

from infra.local.stripe_double import StripeDouble
from infra.local.stripe_double.errors import InFlight
from infra.local.stripe_double.faults import How
from infra.local.stripe_double.idempotency import SavedAnswers
from infra.local.stripe_double.reading import Request as ReadRequest
from infra.local.stripe_double.serving import served
from infra.local.stripe_double.trying import PUBLISHABLE_KEY, SECRET_KEY, Clock, Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _client(desk: Trial, api_key: str) -> stripe.StripeClient:
    return stripe.StripeClient(api_key, base_addresses={"api": desk.address}, max_network_retries=0)


def _raw(url: str, api_key: str = "", body: bytes | None = None, kind: str = "") -> tuple[int, bytes]:
    """Status and body of a refused request made without the SDK."""
    request = Request(url, data=body)
    if api_key:
        request.add_header("Authorization", f"Bearer {api_key}")
    if kind:
        request.add_header("Content-Type", kind)
    with pytest.raises(HTTPError) as refusal:
        urlopen(request, timeout=5)
    with refusal.value as answer:
        return answer.code, answer.read()


def _count(desk: Trial) -> int:
    return len(desk.client.v1.customers.list({"limit": 100}).data)


def test_a_wrong_secret_key_opens_nothing(desk: Trial) -> None:
    """
    401, whatever is asked.
    """
    with pytest.raises(stripe.AuthenticationError):
        _client(desk, "sk_test_other").v1.customers.create({}, desk.key())
    assert _raw(f"{desk.address}/v1/customers")[0] == 401


def test_the_publishable_key_opens_only_what_a_browser_does(desk: Trial) -> None:
    """
    A browser neither makes customers nor reads them, and sees an intent only with that intent's secret.
    """
    browser = _client(desk, PUBLISHABLE_KEY)
    with pytest.raises(stripe.AuthenticationError, match="publishable API key"):
        browser.v1.customers.list()

    setup = desk.client.v1.setup_intents.create({}, desk.key())
    with pytest.raises(stripe.InvalidRequestError):
        browser.v1.setup_intents.retrieve(setup.id)
    assert browser.v1.setup_intents.retrieve(setup.id, {"client_secret": str(setup.client_secret)}).id == setup.id


def test_a_restricted_key_makes_only_its_own_calls() -> None:
    """
    Each door gets a key for the calls that it makes.
    """
    double = StripeDouble(
        now=Clock(),
        secret_key=SECRET_KEY,
        publishable_key=PUBLISHABLE_KEY,
        webhook_secret="whsec_x",
        restricted_keys={"rk_test_mobile": {"customers.create"}},
    )
    with served(double) as address:
        client = stripe.StripeClient("rk_test_mobile", base_addresses={"api": address}, max_network_retries=0)
        assert client.v1.customers.create({}, {"idempotency_key": "a"}).id == "cus_000001"
        with pytest.raises(stripe.PermissionError):
            client.v1.customers.list()


def test_another_api_version_is_refused(desk: Trial) -> None:
    """
    Objects look different in each version; the double plays the pinned one.
    """
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.customers.list({}, {"stripe_version": "2020-08-27"})
    assert refusal.value.code == "api_version_invalid"


def test_every_post_of_a_server_has_a_key_of_its_own_making(desk: Trial) -> None:
    """
    The SDK makes up a random key where none is given; a retry after a crash would not make the same one.
    """
    with pytest.raises(stripe.InvalidRequestError) as made_up:
        desk.client.v1.customers.create({})
    assert made_up.value.code == "idempotency_key_random"

    status, body = _raw(f"{desk.address}/v1/customers", SECRET_KEY, b"")
    assert status == 400
    assert b"idempotency_key_missing" in body
    assert _count(desk) == 0


def test_the_same_key_brings_the_same_answer_and_changes_nothing(desk: Trial) -> None:
    """
    A resent request is marked as a replay.
    """
    first, again = (desk.client.v1.customers.create({"name": "A"}, desk.key("k")) for _ in range(2))

    assert first.to_dict() == again.to_dict()
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert _count(desk) == 1


@pytest.mark.parametrize("name", ["B", None])
def test_the_same_key_with_other_parameters_is_refused(desk: Trial, name: str | None) -> None:
    """
    Two different wishes under one key are a mistake of the caller.
    """
    desk.client.v1.customers.create({"name": "A"}, desk.key("k"))
    with pytest.raises(stripe.IdempotencyError):
        desk.client.v1.customers.create({"name": name} if name else {}, desk.key("k"))
    with pytest.raises(stripe.IdempotencyError):
        desk.client.v1.setup_intents.create({}, desk.key("k"))


def test_a_refusal_after_execution_began_is_saved_too(desk: Trial) -> None:
    """
    A declined payment stays declined under its key, even when the card would work by now.
    """
    customer_id = desk.customer("pm_card_chargeCustomerFail")
    invoice = desk.open_invoice(customer_id, 1000)
    settings: stripe.params.CustomerUpdateParamsInvoiceSettings = {}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            desk.client.v1.invoices.pay(invoice.id, {}, desk.key("pay"))
        settings = {"default_payment_method": desk.save_card(customer_id)}
        desk.client.v1.customers.update(customer_id, {"invoice_settings": settings}, desk.key())

    assert desk.client.v1.invoices.retrieve(invoice.id).attempt_count == 1
    assert desk.client.v1.invoices.pay(invoice.id, {}, desk.key("pay-2")).status == "paid"


def test_a_refusal_before_execution_leaves_the_key_free(desk: Trial) -> None:
    """
    Parameters that did not even pass the check are not remembered.
    """
    with pytest.raises(stripe.InvalidRequestError):
        desk.client.v1.customers.create({"colour": "red"}, desk.key("k"))  # type: ignore[arg-type]
    assert desk.client.v1.customers.create({"name": "A"}, desk.key("k")).id == "cus_000001"


def test_a_key_is_forgotten_after_a_day(desk: Trial) -> None:
    """
    By the passed-in clock: a month later the same key executes again, so that keys alone protect nobody for ever.
    """
    desk.client.v1.customers.create({}, desk.key("k"))
    desk.clock.at += timedelta(hours=23, minutes=59)
    assert desk.client.v1.customers.create({}, desk.key("k")).id == "cus_000001"
    desk.clock.at += timedelta(minutes=1)
    assert desk.client.v1.customers.create({}, desk.key("k")).id == "cus_000002"


def test_a_key_in_flight_is_a_conflict() -> None:
    """
    Until the first request has its answer, a second one with its key is told to come back.
    """
    saved = SavedAnswers(Clock())
    request = ReadRequest("POST", "/v1/customers", "", "", "k", "", {})
    assert saved.begin(request) is None
    with pytest.raises(InFlight):
        saved.begin(request)


def test_of_many_requests_with_one_key_at_once_exactly_one_is_executed(desk: Trial) -> None:
    """
    The others get the same answer, or a conflict that the SDK may retry.
    """

    def create(_: int) -> str:
        try:
            return desk.client.v1.customers.create({}, desk.key("k")).id
        except stripe.APIError as conflict:
            return str(conflict.http_status)

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(create, range(40)))

    assert answers <= {"cus_000001", "409"}
    assert _count(desk) == 1


@pytest.mark.parametrize(
    ("how", "applied", "again"),
    [
        ("500", 0, "replays the failure"),
        ("500_after_applying", 1, "replays the failure"),
        ("429", 0, "works"),
        ("lock_timeout", 0, "works"),
        ("409", 0, "works"),
        ("timeout_after_applying", 1, "works"),
        ("reset", 0, "works"),
    ],
)
def test_each_fault_strikes_once_and_leaves_what_it_says(desk: Trial, how: How, applied: int, again: str) -> None:
    """
    Whether something was done is unknown to the caller; the same key brings the truth, or the saved failure.
    """
    desk.double.fail_next("customers.create", how)
    with pytest.raises(stripe.StripeError):
        desk.client.v1.customers.create({}, desk.key("k"))
    assert _count(desk) == applied

    if again == "works":
        assert desk.client.v1.customers.create({}, desk.key("k")).id == "cus_000001"
    else:
        with pytest.raises(stripe.APIError) as replayed:
            desk.client.v1.customers.create({}, desk.key("k"))
        assert replayed.value.headers is not None
        assert replayed.value.headers["Idempotent-Replayed"] == "true"
    assert desk.double.waiting_faults() == 0


def test_a_fault_can_wait_for_a_later_call_and_for_an_address(desk: Trial) -> None:
    """
    The n-th call from now, of any kind or of one, so that a campaign can strike every point in turn.
    """
    desk.double.fail_next("", "429", after=1)
    desk.double.fail_next("POST /v1/setup_intents", "429")
    desk.client.v1.customers.list()
    with pytest.raises(stripe.RateLimitError):
        desk.client.v1.customers.list()
    desk.client.v1.setup_intents.list()
    with pytest.raises(stripe.RateLimitError):
        desk.client.v1.setup_intents.create({}, desk.key())


def test_unknown_faults_are_refused(desk: Trial) -> None:
    """
    A campaign with a misspelt fault would prove nothing.
    """
    with pytest.raises(ValueError, match="unknown fault"):
        desk.double.fail_next("", "500_maybe")  # type: ignore[arg-type]


def test_the_calls_that_were_made_are_listed(desk: Trial) -> None:
    """
    So that the cost of an invoice in calls can be counted.
    """
    invoice = desk.open_invoice("cus_000001" if desk.customer() else "", 1000)
    del desk.double.calls[:]
    desk.client.v1.invoices.pay(invoice.id, {}, desk.key())
    desk.client.v1.invoices.retrieve(invoice.id)

    assert desk.double.calls == [("POST", "/v1/invoices/in_000001/pay"), ("GET", "/v1/invoices/in_000001")]


def test_an_unknown_address_is_not_found_in_stripes_words(desk: Trial) -> None:
    """
    A call that the double does not play fails clearly.
    """
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as refusal:
        desk.client.v1.coupons.list()
    assert refusal.value.http_status == 404


def test_a_parameter_that_is_not_played_is_refused_rather_than_ignored(desk: Trial) -> None:
    """
    Otherwise a test would pass here and mean nothing at Stripe.
    """
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.customers.create({"tax_exempt": "none", "balance": 5}, desk.key())
    assert (refusal.value.code, refusal.value.param) == ("double_not_played", "balance")


def test_a_body_that_is_no_form_is_refused(desk: Trial) -> None:
    """
    The first API takes form-encoded bodies only.
    """
    status, body = _raw(f"{desk.address}/v1/customers", SECRET_KEY, b"{}", "application/json")
    assert status == 400
    assert b"Invalid Content-Type" in body
