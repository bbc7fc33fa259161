"""What the workers do about customers: those who sign up, and what they are told."""

from collections.abc import Callable, Mapping

from chalicelib.customers import eligibility
from chalicelib.customers.model import Account, Customer
from chalicelib.customers.service import take_in
from chalicelib.dialogue.model import Notice
from chalicelib.edge import telling
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.requirement import Shown
from chalicelib.kernel.time import parse_instant
from chalicelib.subscriptions.model import Agreement

Facts = Mapping[str, str]
_ABOUT_A_NOTICE = {"account_id", "about", "code", "told_at"}


def sign_up(facts: Facts, wired: BackOffice) -> None:
    """Open the account of somebody who agreed."""
    agreement = wired.agreements.find(facts["account_id"])
    if agreement is None:
        return
    account = Account(agreement.account_id, agreement.currency, agreement.agreed_at)
    take_in(signed_up(agreement), account, customers=wired.customers, commit=wired.commit)


def signed_up(agreement: Agreement) -> Customer:
    """The customer of an agreement."""
    return Customer(
        customer_id=agreement.customer_id,
        account_id=agreement.account_id,
        subject=agreement.subject,
        language=agreement.language,
        signed_up_at=agreement.agreed_at,
    )


def tell(facts: Facts, wired: BackOffice) -> None:
    """Put a notice into the customer's feed; one that is delivered again has its instant, and so replaces itself."""
    said = {name: value for name, value in facts.items() if name not in _ABOUT_A_NOTICE}
    told_at = parse_instant(facts["told_at"])
    telling.tell(Notice(facts["account_id"], facts["about"], facts["code"], said, told_at), wired)


def tell_now(facts: Facts, wired: BackOffice) -> None:
    """Somebody's quiet hours are over: say again what waited for that."""
    said = {name: value for name, value in facts.items() if name != "at"}
    wired.commit([wired.notices.saying(said, wired.now())], None)


def tell_expiring(facts: Facts, wired: BackOffice) -> None:
    """Tell a customer that what they have shown ends soon, unless they have shown it anew."""
    what = (facts["customer_id"], Shown(facts["kind"]), parse_instant(facts["valid_until"]), parse_instant(facts["at"]))
    eligibility.tell_expiring(*what, shows=wired.shows, commit=wired.commit)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "customers.expiring": tell_expiring,
    "customers.sign_up": sign_up,
    "dialogue.quiet_over": tell_now,
    "dialogue.tell": tell,
}
