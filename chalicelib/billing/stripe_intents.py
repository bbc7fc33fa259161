"""What is charged while its customer is away, and what goes back of it: PaymentIntents and refunds, each made once.

Each carries marks of ours as metadata. Keys are forgotten after a day and an answer of 500 is saved under them, so what
was made is looked for by its marks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.billing.errors import PayerGone, RefundRefused
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams

_MOST = 100
_GONE = ("resource_missing", "payment_method_unexpected_state")
_UNFIT = ("payment_intent_incompatible_payment_method", "payment_method_unsupported_type")
"""Of a kind that is not charged so: an account at a bank cannot be asked to hold something."""
Marks = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Charge:
    """What is asked for: how much, of whom, by which method."""

    key: str
    amount: Money
    customer: str
    payment_method: str
    marks: Marks
    expand: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """Why it was not charged, and the intent that its customer may go on with; none where the method is gone."""

    code: str
    intent: str = ""
    secret: str | None = None
    advice: str | None = None


def ask(call: StripeCalls, charge: Charge, **how: str) -> Any:  # noqa: ANN401 -- an object of the SDK, or `Declined`
    """Creates and confirms at once; a card that declines is an answer as well."""
    import stripe  # noqa: PLC0415 -- as in stripe_calls

    try:
        return call(
            "payment_intents",
            "create",
            key=charge.key,
            found=lambda: find(call, charge),
            amount=charge.amount.minor,
            currency=charge.amount.currency.lower(),
            customer=charge.customer,
            payment_method=charge.payment_method,
            confirm=True,
            off_session=True,
            automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
            metadata=dict(charge.marks),
            **({"expand": [*charge.expand]} if charge.expand else {}),
            **how,
        )
    except stripe.CardError as error:
        intent: Any = getattr(error.error, "payment_intent", None)
        code = getattr(error.error, "decline_code", None) or error.code or "declined"
        advice = getattr(error.error, "advice_code", None)
        if intent is None:
            return Declined(str(code), advice=advice)
        return Declined(str(code), str(intent.id), intent.client_secret, advice)
    except PayerGone:
        return Declined("payment_method_unavailable")
    except stripe.InvalidRequestError as error:
        if error.code in _UNFIT:
            return Declined(error.code)
        if error.code not in _GONE:
            raise
        return Declined("payment_method_unavailable")


def find(call: StripeCalls, charge: Charge) -> Any | None:  # noqa: ANN401 -- an object of the SDK
    """The one with the marks among the customer's newest hundred, or None."""
    wanted: dict[str, Any] = {"customer": charge.customer, "limit": _MOST}
    if charge.expand:
        wanted["expand"] = [f"data.{each}" for each in charge.expand]
    found = call("payment_intents", "list", **wanted)
    return marked(found.data, charge.marks)


def give_back(call: StripeCalls, payment: str, amount: Money, *, key: str, marks: Marks) -> Any:  # noqa: ANN401 -- as above
    """A refund of the payment, or the one that is there already; `RefundRefused` where Stripe says no."""
    import stripe  # noqa: PLC0415 -- as in stripe_calls

    before = marked(refunds_of(call, payment), marks)
    if before is not None:
        return before
    wanted: RefundCreateParams = {"payment_intent": payment, "amount": amount.minor, "metadata": dict(marks)}
    try:
        return call("refunds", "create", key=key, found=nothing, **wanted)
    except stripe.InvalidRequestError as error:
        raise RefundRefused(reason=str(error.code or "refused")) from error


def refunds_of(call: StripeCalls, payment: str) -> Sequence[Any]:
    """All of a payment's, those that failed too."""
    found: Sequence[Any] = call("refunds", "list", payment_intent=payment, limit=_MOST).data
    return found


def marks_of(found: Any) -> Marks:  # noqa: ANN401 -- as above
    """The marks that an object carries."""
    marks: Marks = found.metadata.to_dict() if found.metadata else {}
    return marks


def marked(found: Iterable[Any], marks: Marks) -> Any | None:  # noqa: ANN401 -- as above
    """The first of some objects that carries the marks, or None."""
    return next((each for each in found if marks.items() <= marks_of(each).items()), None)
