"""Accounts' months, each of another kind: how it is paid, and what becomes of it afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.access.agreed import Agreed
from chalicelib.access.model import AccessSession
from chalicelib.billing.holding import take
from chalicelib.billing.onboarding import onboard
from chalicelib.billing.paper_model import Seller, Series
from chalicelib.billing.payment_terms import PaymentTerm, set_term
from chalicelib.billing.selling import NamedSeller
from chalicelib.billing.writing_off import ask_write_off
from chalicelib.edge.settings import Settings
from chalicelib.edge.wiring_holds import holding_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.partners.share_terms import ShareTerms
from chalicelib.rating.share import ShareRule, ShareTier
from tests.faults.money_world import MoneyWorld
from tests.stores.city import offer_bikes
from tests.stores.riding import record, session

ACCOUNT, PARTNER = "acc-1", "par-1"
MAY, JUNE = Month(2021, 5), Month(2021, 6)
CLOSES = {MAY: datetime(2021, 6, 1, 6, tzinfo=UTC), JUNE: datetime(2021, 7, 1, 6, tzinfo=UTC)}
VISA, DECLINES = "pm_card_visa", "pm_card_chargeCustomerFail"
ASKS = "pm_card_authenticationRequired"
_AN_HOUR = timedelta(hours=1)


@dataclass
class Told:
    """A story that is going on: its world, and how many seconds each ride took."""

    world: MoneyWorld
    rides: tuple[int, ...] = (9000, 2400)

    def begin(self, card: str = VISA) -> None:
        """Bikes on offer, a card, rides in May."""
        with self.world.unbroken():
            offer_bikes(self.world.commit)  # type: ignore[arg-type]
        self.world.save_card(ACCOUNT, card, "first")
        for number, seconds in enumerate(self.rides):
            self.ride(number, seconds)

    def ride(self, number: int, seconds: int, month: Month = MAY) -> None:
        """Started and ended, with its charge."""
        begun = _begun(number, month)
        self.world.clock = max(self.world.clock, begun.started_at)
        with self.world.unbroken():
            self.world.commit(self.world.sessions.starting(begun, 1), None)
            ended = record(begun, quantities={"use_seconds": Decimal(seconds)})
            self.world.commit(self.world.sessions.ending(ended, month), None)
        self.world.drain()

    def ride_held(self, number: int, seconds: int, hold: Money) -> None:
        """With an amount that is held from before the start."""
        world, begun = self.world, replace(_begun(number), agreed=Agreed(hold=hold))
        world.clock = max(world.clock, begun.started_at)

        def start() -> None:
            if world.sessions.find(begun.session_id) is None:
                held = take(ACCOUNT, begun.session_id, hold, holding=holding_of(world, world.clock))
                world.commit([*world.sessions.starting(begun, 1), *held], None)

        world.work("start", start)
        world.drain()
        with world.unbroken():
            ended = record(begun, quantities={"use_seconds": Decimal(seconds)})
            world.commit(world.sessions.ending(ended, MAY), None)
        world.drain()

    def correct(self, number: int, seconds: int) -> None:
        """It was less, as is seen in June."""
        with self.world.unbroken():
            again = record(_begun(number), revision=1, quantities={"use_seconds": Decimal(seconds)})
            again = replace(again, sealed_at=self.world.clock)
            self.world.commit(self.world.sessions.correcting(again, JUNE, MAY), None)
        self.world.drain()

    def close(self, month: Month) -> None:
        self.world.clock = max(self.world.clock, CLOSES[month])
        self.world.settle_month(ACCOUNT, month)
        self.world.days(1)


def _begun(number: int, month: Month = MAY) -> AccessSession:
    started = datetime(2021, month.number, 2 + number % 28, 8 + number // 28, tzinfo=UTC)
    return replace(session(number, ACCOUNT), started_at=started)


def paid(told: Told) -> None:
    """Closed and paid."""
    told.begin()
    told.close(MAY)
    told.world.days(1)


def declined(told: Told) -> None:
    """The card declines, another one pays."""
    told.begin(DECLINES)
    told.close(MAY)
    told.world.save_card(ACCOUNT, VISA, "second")
    told.world.days(2)


def tried_again(told: Told) -> None:
    """There is no money on the card; days later there is."""
    told.begin()
    method = _method(told.world)
    told.world.double.change_card(method, declines="insufficient_funds")
    told.close(MAY)
    told.world.double.change_card(method)
    told.world.days(4)


def refunded(told: Told) -> None:
    """Paid; a correction gives some of it back."""
    told.begin()
    told.close(MAY)
    told.correct(0, 1200)
    told.close(JUNE)
    told.world.days(1)


def authenticated(told: Told) -> None:
    """The bank asks for its customer, who answers."""
    told.begin(ASKS)
    told.close(MAY)
    for intent in told.world.waiting_intents():
        told.world.double.authenticate(intent)
    told.world.drain()
    told.world.days(2)


def credited(told: Told) -> None:
    """What was not paid is lowered by a correction; another card pays the rest."""
    told.begin(DECLINES)
    told.close(MAY)
    told.correct(0, 5000)
    told.close(JUNE)
    told.world.save_card(ACCOUNT, VISA, "second")
    told.world.days(2)


def taxed(told: Told) -> None:
    """Stripe Tax splits the bill, and has its part back of what is corrected."""
    world = told.world
    world.settings = Settings({**world.settings.environment, "ADGANG_TAX": "stripe"})
    prefixes = {Series.INVOICE: "A-", Series.CREDIT_NOTE: "AC-"}
    seller = Seller("fi", "Adgang Oy", ("Kaivokatu 1",), "FI", "FI12345678", prefixes)
    with world.unbroken():
        world.commit([*world.issuing.numbers.saving_seller(seller, default=True)], None)
    refunded(told)


def of_two_sellers(told: Told) -> None:
    """A firm sells the bikes from June on; what June corrects of May is the operator's."""
    world, told.rides = told.world, (9000,)
    prefixes = {Series.INVOICE: "D-", Series.CREDIT_NOTE: "DC-"}
    seller = Seller("dk", "Cykler ApS", ("Havnegade 1",), "DK", "DK12345678", prefixes)
    with world.unbroken():
        world.commit([*world.issuing.numbers.saving_seller(seller, default=False)], None)
        world.commit([world.sells.naming(NamedSeller(PARTNER, JUNE, "dk", "tove", world.clock))], None)
    told.begin()
    told.close(MAY)
    told.correct(0, 14400)
    told.ride(7, 5400, JUNE)
    told.close(JUNE)
    told.world.days(1)


def by_invoice(told: Told) -> None:
    """Finance has granted a term; the bill is paid at its page, once it is overdue."""
    world = told.world
    told.begin()
    term = PaymentTerm(ACCOUNT, 14, "ap@firm.example", "tove", world.clock, "as agreed")
    world.work("grant", lambda: set_term(term, terms=world.terms, commit=world.commit))
    world.drain()
    told.close(MAY)
    world.days(15)
    invoice = world.billed.invoice(ACCOUNT, MAY, 1)
    assert invoice is not None
    world.double.pay_at_page(str(invoice.provider_invoice))
    world.drain()
    world.days(2)


def held(told: Told) -> None:
    """A hold pays a part of what its session came to, the card the rest."""
    told.begin()
    told.ride_held(20, 9000, Money(300, "EUR"))
    told.world.days(2)
    told.close(MAY)
    told.world.days(1)


def disputed(told: Told) -> None:
    """The bank takes a payment back, and keeps it."""
    told.begin()
    told.close(MAY)
    dispute = told.world.double.open_dispute(told.world.charges_there()[0])
    told.world.drain()
    told.world.days(2)
    told.world.double.decide_dispute(dispute, won=False)
    told.world.drain()
    told.world.days(2)


def written_off(told: Told) -> None:
    """The card is lost, no other comes, and the invoice is given up."""
    world = told.world
    told.begin()
    world.double.change_card(_method(world), declines="lost_card")
    told.close(MAY)
    _give_up(world)
    world.drain()
    world.days(2)


def paid_after_all(told: Told) -> None:
    """It is given up while its customer pays it at Stripe's page."""
    world = told.world
    told.begin()
    world.double.change_card(_method(world), declines="lost_card")
    told.close(MAY)
    _give_up(world)
    invoice = world.billed.invoice(ACCOUNT, MAY, 1)
    assert invoice is not None
    world.double.pay_at_page(str(invoice.provider_invoice))
    world.drain()
    world.days(2)


def shared(told: Told) -> None:
    """A partner has a share of what was paid, and a correction takes some of that back."""
    told.begin()
    _share_with_partner(told.world)
    told.close(MAY)
    told.correct(0, 1200)
    told.close(JUNE)
    told.world.days(1)


def _share_with_partner(world: MoneyWorld) -> None:
    """Seven tenths, sent to an account that Stripe is content with."""
    rule = ShareRule("EUR", (ShareTier(Decimal(70)),))
    terms = ShareTerms(PARTNER, MAY, rule, "fred", world.clock)
    with world.unbroken():
        world.commit(world.shares_agreed.setting_share(terms), None)
    kept: dict[str, Any] = {"payouts": world.payouts, "provider": world.partner_payments, "commit": world.commit}
    urls = {"refresh_url": "https://bikes.example/again", "return_url": "https://bikes.example/done"}
    world.work("onboard", lambda: onboard(PARTNER, **urls, **kept, now=world.clock))
    account = world.payouts.account(PARTNER)
    assert account is not None
    world.double.onboard(account.provider_account)
    world.drain()


def _give_up(world: MoneyWorld) -> None:
    kept: dict[str, Any] = {"billed": world.billed, "now": world.clock, "commit": world.commit}
    world.work("decide", lambda: ask_write_off(ACCOUNT, MAY, 1, who="fred", note="gone", **kept))


def _method(world: MoneyWorld) -> str:
    payer = world.billed.payer(ACCOUNT)
    assert payer is not None
    assert payer.payment_method is not None
    return payer.payment_method


STORIES: Mapping[str, Callable[[Told], None]] = {
    each.__name__: each
    for each in (
        paid,
        declined,
        refunded,
        authenticated,
        tried_again,
        credited,
        taxed,
        of_two_sellers,
        by_invoice,
        held,
        disputed,
        written_off,
        paid_after_all,
        shared,
    )
}
FOUR = ("paid", "declined", "refunded", "authenticated")
"""Those that `make test` breaks at every point."""
