"""Many customers who want few things at once, through the real use cases; the tables stand and are empty."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from chalicelib.access.errors import AssetInUse
from chalicelib.access.quoting import AskQuote, give_quote
from chalicelib.access.records import ChargeItem, SessionRecord
from chalicelib.access.starting import StartSession, start_session
from chalicelib.billing.model import Payer
from chalicelib.catalogue.model import Asset
from chalicelib.customers.model import Account, Customer
from chalicelib.edge.wiring import Wiring
from chalicelib.kernel.errors import Unavailable
from chalicelib.storage.writes import Transaction
from chalicelib.subscriptions.model import ACTIVE, PAY_PER_USE, Agreement
from tests.stores.city import PRODUCT, offer_bikes

NOW = datetime(2021, 5, 31, 9, tzinfo=UTC)
_SETTINGS = {"ADGANG_ZONE": "Europe/Helsinki", "ADGANG_MODE": "test", "QUOTE_KEYS": f"one:{'k' * 32}"}


@dataclass(frozen=True)
class Race:
    """How it ended: sessions in the tables, starts that were refused because the thing is taken, and charges."""

    sessions: int
    on_assets: Counter[str]
    refusals: int
    charges: int


def wiring(prefix: str, **more: str) -> Wiring:
    """As the mobile door's, with a clock that stands still."""
    stage = prefix.removeprefix("adgang-").rstrip("-")
    return Wiring({**_SETTINGS, "ADGANG_STAGE": stage, **more}, now=lambda: NOW)


def customer(number: int, wired: Wiring) -> Customer:
    """Signed up, with a card."""
    account_id, customer_id, subject = f"acc_{number}", f"cus_{number}", f"subject-{number}"
    who = Customer(customer_id, account_id, subject, "fi", NOW)
    agreed = Agreement(account_id, customer_id, subject, PAY_PER_USE, "1", ACTIVE, "fi", "EUR", NOW)
    wired.commit(
        [
            *wired.agreements.adding(agreed, NOW),
            *wired.customers.adding(who, Account(account_id, "EUR", NOW)),
            wired.billed.saving_payer(Payer(account_id, f"cus_stripe_{number}", "pm_card", version=1)),
        ],
        None,
    )
    return who


def bike(number: int, wired: Wiring) -> str:
    """One bike on offer; its code."""
    asset = Asset(PRODUCT.partner_id, f"bike-{number}", PRODUCT.product_id, f"BIKE-{number:05d}", revision=1)
    wired.commit(wired.catalogue.putting_asset(asset, None, NOW), None)
    return asset.code


def command(who: Customer, code: str, wired: Wiring) -> StartSession:
    """The quote is given and accepted."""
    asked = AskQuote(who.account_id, who.customer_id, code, {})
    given = give_quote(asked, allowing=wired.allowing(NOW), random_bytes=wired.random_bytes)
    return StartSession(who, code, given.promise, given.of)


def race(prefix: str, customers: int, assets: int) -> Race:
    """All start in the same instant, each in a thread of its own, as clients do: again after a 503."""
    wired = wiring(prefix)
    offer_bikes(Transaction())
    codes = [bike(number, wired) for number in range(assets)]
    commands = [command(customer(number, wired), codes[number % assets], wired) for number in range(customers)]
    refused: list[AssetInUse] = []

    def start(asked: StartSession) -> None:
        try:
            _until_answered(lambda: start_session(asked, starting=wired.starting(NOW, Transaction())))
        except AssetInUse as refusal:
            refused.append(refusal)

    at_once([partial(start, each) for each in commands])
    stored = list(SessionRecord.scan(SessionRecord.sk == "session"))
    return Race(
        sessions=len(stored),
        on_assets=Counter(each.asset_id for each in stored),
        refusals=len(refused),
        charges=sum(1 for _ in ChargeItem.scan(ChargeItem.sk.startswith("charged#"))),
    )


def _until_answered(act: Callable[[], object]) -> object:
    while True:
        try:
            return act()
        except Unavailable:
            continue


def at_once(acts: list[Callable[[], object]]) -> None:
    """Each in a thread of its own; they begin together, and what one of them raises is raised here."""
    together, raised = threading.Barrier(len(acts)), list[BaseException]()

    def run(act: Callable[[], object]) -> None:
        together.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 -- whatever it was, the test shall see it
            raised.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if raised:
        raise raised[0]
