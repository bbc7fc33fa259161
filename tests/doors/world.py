"""A running system with people in it: staff, partners with bikes on offer, customers with test cards."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from infra.local.stripe_double import StripeDouble
from infra.local.stripe_double.stripe_js import save_card
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF, PRODUCT
from tests.doors.callers import BATCH, Caller, Reply, done

START = datetime(2021, 5, 10, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


class Partner(Caller):
    """A partner's backend with its first API key."""

    def __init__(self, base: str, made: dict[str, Any]) -> None:
        super().__init__(base, made["key"]["key"])
        self.partner_id, self.key_id = made["partner"]["partner_id"], made["key"]["key_id"]

    def offer_city_bikes(self) -> None:
        done(self.put(f"/partner/v1/products/{PRODUCT}", CITY_BIKE))
        done(self.post(f"/partner/v1/products/{PRODUCT}/tariffs", CITY_BIKE_TARIFF))

    def bike(self) -> str:
        """Put one more bike on offer; its code."""
        code = f"BIKE-{next(_numbers):05d}"
        done(self.put(f"/partner/v1/assets/{code.lower()}", {"product_id": PRODUCT, "code": code}))
        return code

    def report(self, *events: object) -> list[dict[str, Any]]:
        """What became of each event."""
        return list(done(self.send(events))["events"])

    def send(self, events: Iterable[object]) -> Reply:
        return self.post("/partner/v1/events", list(events), media_type=BATCH, key=None)


class Customer(Caller):
    """A customer's app."""

    def quote(self, code: str, seconds: int = 600) -> dict[str, Any]:
        asked = {"code": code, "need": {"use_seconds": str(seconds)}}
        return dict(done(self.post("/mobile/v1/quotes", asked, key=None)))

    def start(self, code: str) -> str:
        """Quote and start; the session's id."""
        accepted = {"code": code, "quote": self.quote(code)["quote"]}
        return str(done(self.post("/mobile/v1/access-sessions", accepted))["session_id"])

    def end(self, session_id: str) -> dict[str, Any]:
        return dict(done(self.post(f"/mobile/v1/access-sessions/{session_id}/end")))

    def everything(self) -> dict[str, Any]:
        """All that the customer can see."""
        pages = ("me", "access-sessions", "statements/2021-05", "statements/2021-06", "invoices", "notices")
        return {page: self.read(f"/mobile/v1/{page}") for page in pages}


class World:
    """The system and who is in it."""

    def __init__(self, system: System) -> None:
        assert system.stripe is not None
        self.system = system
        self.stripe: StripeDouble = system.stripe
        self.nobody = Caller(system.address)
        self.operator = self.staff("olga", "operator")
        self.finance = self.staff("fred", "finance")

    def staff(self, name: str, *groups: str) -> Caller:
        return Caller(self.system.address, self.system.identity.staff_sign_in(name, groups))

    def partner(self, name: str = "Bikes") -> Partner:
        """A new partner that offers city bikes."""
        partner = Partner(self.system.address, done(self.operator.post("/finance/v1/partners", {"name": name})))
        partner.offer_city_bikes()
        return partner

    def visitor(self) -> Customer:
        """Somebody who is signed in and has not signed up."""
        return Customer(self.system.address, self.system.identity.sign_in(f"rider{next(_numbers)}@example.com"))

    def customer(self, card: str | None = "pm_card_visa") -> Customer:
        """Somebody who has signed up and saved that test card, or none."""
        customer = self.visitor()
        done(customer.post("/mobile/v1/me", {"terms_version": "1", "language": "fi"}))
        self.settle()
        if card is not None:
            self.save_card(customer, card)
        return customer

    def save_card(self, customer: Customer, card: str) -> dict[str, Any]:
        """What Stripe tells the customer's browser."""
        setup = done(customer.post("/mobile/v1/me/payment-methods"))
        shown = self.nobody.read("/local")["stripe"]
        told = save_card(shown["api_base"], shown["publishable_key"], setup["client_secret"], card)
        self.settle()
        return told

    def settle(self) -> None:
        """Let streams, queues and webhooks that are pending be handled."""
        self.system.drain()

    def later(self, **much: float) -> None:
        """Let time pass, timers fire."""
        self.until(self.system.now() + timedelta(**much))

    def late(self, **much: float) -> None:
        """Let time pass, and no timer of it fire yet: none is promised to the second."""
        self.settle()
        self.system.clock.advance_to(self.system.now() + timedelta(**much))

    def until(self, instant: datetime) -> None:
        self.system.advance_to(instant)
        self.settle()

    def event(self, session_id: str, **given: object) -> dict[str, Any]:
        """A valid CloudEvent about the session, made now; `given` takes a member's place, or its data's."""
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(uuid5(NAMESPACE_URL, f"event-{next(_numbers)}")),
            "source": "/helsinki/bikes",
            "type": "adgang.usage.v1" if "meter" in given else "adgang.signal.v1",
            "subject": session_id,
            "time": self.system.now().isoformat(),
        }
        data = {name: given.pop(name) for name in ("meter", "value", "signal", "place") if name in given}
        return {**event, "data": data, **given}

    def used(self, session_id: str, seconds: object, **given: object) -> dict[str, Any]:
        """A usage event: so many seconds in use."""
        return self.event(session_id, **{"meter": "use_seconds", "value": str(seconds), **given})

    def ride(self, customer: Customer, code: str, partner: Partner, seconds: int) -> str:
        """A whole ride of so many measured seconds; the session's id. It takes as long as it is used."""
        session = customer.start(code)
        self.later(seconds=seconds)
        assert partner.report(self.used(session, seconds))[0]["outcome"] == "accepted"
        customer.end(session)
        self.settle()
        return session
