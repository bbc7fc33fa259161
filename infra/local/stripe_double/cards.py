"""Stripe's documented test cards, by the id of the payment method that stands for each, and what each of them does."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Card:
    """A card's face and its behaviour.

    `setup_decline` and `charge_decline` are decline codes; `asks_on_setup` and `asks_on_charge` want the customer's
    confirmation (`asks_on_charge` even after a setup); `disputes` is the reason for which each payment is disputed, at
    first only as an inquiry where `inquires`. `wallet` names the wallet that the card is in, `link` is no card at all.
    """

    brand: str = "visa"
    last4: str = "4242"
    country: str = "US"
    funding: str = "credit"
    setup_decline: str = ""
    charge_decline: str = ""
    asks_on_setup: bool = False
    asks_on_charge: bool = False
    disputes: str = ""
    inquires: bool = False
    wallet: str = ""
    link: bool = False


VISA = Card()


def _declining(decline: str, last4: str) -> Card:
    return replace(VISA, last4=last4, setup_decline=decline, charge_decline=decline)


_PLAIN = {
    "pm_card_visa": VISA,
    "pm_card_visa_debit": replace(VISA, last4="5556", funding="debit"),
    "pm_card_mastercard": Card("mastercard", "4444"),
    "pm_card_mastercard_debit": Card("mastercard", "8210", funding="debit"),
    "pm_card_mastercard_prepaid": Card("mastercard", "5100", funding="prepaid"),
    "pm_card_amex": Card("amex", "8431"),
    "pm_card_discover": Card("discover", "1117"),
    "pm_card_diners": Card("diners", "0004"),
    "pm_card_jcb": Card("jcb", "0505", "JP"),
    "pm_card_unionpay": Card("unionpay", "0005", "CN"),
    "pm_card_de": replace(VISA, last4="0016", country="DE"),
    "pm_card_dk": replace(VISA, last4="0006", country="DK"),
    "pm_card_fi": replace(VISA, last4="0001", country="FI"),
    "pm_card_gb": replace(VISA, last4="0000", country="GB"),
    "pm_card_no": replace(VISA, last4="0008", country="NO"),
    "pm_card_se": replace(VISA, last4="0008", country="SE"),
}
_DECLINING = {
    "pm_card_chargeDeclined": _declining("generic_decline", "0002"),
    "pm_card_visa_chargeDeclined": _declining("generic_decline", "0002"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": _declining("insufficient_funds", "9995"),
    "pm_card_chargeDeclinedInsufficientFunds": _declining("insufficient_funds", "9995"),
    "pm_card_visa_chargeDeclinedLostCard": _declining("lost_card", "9987"),
    "pm_card_visa_chargeDeclinedStolenCard": _declining("stolen_card", "9979"),
    "pm_card_chargeDeclinedExpiredCard": _declining("expired_card", "0069"),
    "pm_card_chargeDeclinedIncorrectCvc": _declining("incorrect_cvc", "0127"),
    "pm_card_chargeDeclinedProcessingError": _declining("processing_error", "0119"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": _declining("card_velocity_exceeded", "6975"),
    "pm_card_chargeDeclinedFraudulent": _declining("fraudulent", "0019"),
    "pm_card_chargeCustomerFail": replace(VISA, last4="0341", charge_decline="generic_decline"),
}
_ASKING = {
    "pm_card_authenticationRequired": replace(
        VISA, last4="3184", country="DE", asks_on_setup=True, asks_on_charge=True
    ),
    "pm_card_authenticationRequiredOnSetup": replace(VISA, last4="3155", country="IE", asks_on_setup=True),
    "pm_card_authenticationRequiredSetupForOffSession": replace(VISA, last4="0446", country="DE"),
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": replace(
        VISA, last4="3178", country="DE", asks_on_setup=True, charge_decline="insufficient_funds"
    ),
    "pm_card_threeDSecure2Required": replace(VISA, last4="3220", asks_on_setup=True, asks_on_charge=True),
}
_DISPUTING = {
    "pm_card_createDispute": replace(VISA, last4="0259", disputes="fraudulent"),
    "pm_card_createDisputeProductNotReceived": replace(VISA, last4="2685", disputes="product_not_received"),
    "pm_card_createDisputeInquiry": replace(VISA, last4="1976", disputes="fraudulent", inquires=True),
}
_WALLETS = {
    "pm_double_apple_pay": Card("mastercard", "4444", wallet="apple_pay"),
    "pm_double_google_pay": replace(VISA, last4="1111", wallet="google_pay"),
    "pm_double_link": replace(VISA, link=True),
}
"""Stripe has no names for these in its test mode, so these are ours."""

TEST_CARDS = _PLAIN | _DECLINING | _ASKING | _DISPUTING | _WALLETS

_OWN_CODES = {"expired_card", "incorrect_cvc", "processing_error"}
_MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}
_ADVICE = {
    "expired_card": "confirm_card_data",
    "incorrect_cvc": "confirm_card_data",
    "processing_error": "try_again_later",
}
_NEVER_AGAIN = {"lost_card", "stolen_card", "fraudulent"}


@dataclass(frozen=True)
class Decline:
    """A decline as error objects, charges and intents show it."""

    code: str
    decline_code: str | None
    message: str
    advice_code: str | None


REASONS = frozenset({*_OWN_CODES, *_NEVER_AGAIN, "generic_decline", "insufficient_funds", "card_velocity_exceeded"})
"""Why a bank declines, as far as a card can be told to."""


def decline_of(reason: str) -> Decline:
    """Codes and words for a reason: three reasons are codes of their own, the others are kinds of `card_declined`."""
    if reason in _OWN_CODES:
        own = None if reason != "processing_error" else "processing_error"
        return Decline(reason, own, _MESSAGES[reason], _ADVICE[reason])
    advice = "do_not_try_again" if reason in _NEVER_AGAIN else "try_again_later"
    if reason == "authentication_required":
        return Decline(reason, reason, _MESSAGES[reason], None)
    return Decline("card_declined", reason, _MESSAGES.get(reason, "Your card was declined."), advice)
