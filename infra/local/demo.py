"""The main job: a hundred real rides from scan to paid invoice and finance export, all through the HTTP doors."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from infra.local.client import Client, every
from infra.local.rides import CUSTOMERS, ZONE, Ride, happenings, rides, stations
from infra.local.stripe_double.stripe_js import save_card
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF, OWNING, PRODUCT, SELLER

BEGIN = datetime(2021, 5, 31, 19, 0, tzinfo=UTC)
CLOSE_OF_MAY = datetime(2021, 6, 1, 5, 30, tzinfo=UTC)
CLOSE_OF_JUNE = datetime(2021, 7, 1, 5, 30, tzinfo=UTC)
MONTHS = ("2021-05", "2021-06")
LONG_OUT = 42
"""The ride that was out for nine hours and ridden for 242 seconds; its receipt is kept."""
BATCH = "application/cloudevents-batch+json"
Say = Callable[[str], None]


class DemoFailedError(Exception):
    """Something did not come out as it has to."""


@dataclass
class Summary:
    """What the job came to; amounts are in EUR."""

    rides: int = 0
    customers: int = 0
    invoices: int = 0
    billed: dict[str, Decimal] = field(default_factory=dict)
    collected: dict[str, Decimal] = field(default_factory=dict)
    stripe_collected: Decimal = Decimal(0)
    journal_off: dict[str, dict[str, int]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Billed, collected, Stripe and the ledger agree, or `DemoFailedError`."""
        if self.billed != self.collected:
            raise DemoFailedError(f"billed {self.billed}, collected {self.collected}")
        if sum(self.collected.values()) != self.stripe_collected:
            raise DemoFailedError(f"collected {self.collected}, at Stripe {self.stripe_collected}")
        if any(self.journal_off.values()):
            raise DemoFailedError(f"the journal is off by {self.journal_off}")

    def lines(self) -> Iterable[str]:
        """For the terminal."""
        yield f"rides       {self.rides}"
        yield f"customers   {self.customers}"
        yield f"invoices    {self.invoices}"
        for month in MONTHS:
            billed, collected = self.billed[month], self.collected[month]
            yield f"{month}     billed {billed:>8} EUR   collected {collected:>8} EUR"
        yield f"at Stripe   {self.stripe_collected} EUR"
        yield "journal     " + ("balances to 0.00" if not any(self.journal_off.values()) else str(self.journal_off))
        yield f"files       {len(self.files)}"
        yield from (f"            {name}" for name in self.files)


class Demo:
    """The job against a running system at `base`; what it leaves goes to `out`."""

    def __init__(self, base: str, out: Path, say: Say = print, most_rides: int | None = None) -> None:
        self.base, self.out, self.say = base, out, say
        self.rides = rides(most_rides)
        self.stations = stations(self.rides, most_rides)
        self.clients: list[Client] = []
        self.local = self.client(None, "local")
        self.browser = self.client(None, "browser")
        self.summary = Summary(rides=len(self.rides))
        self.customers: list[Client] = []
        self.sessions: dict[int, str] = {}
        self.quotes: dict[int, dict[str, Any]] = {}

    def run(self) -> Summary:
        """All of it, in order."""
        self.clock(BEGIN)
        self.set_up_partner()
        self.sign_up_customers()
        self.ride_them_all()
        self.clock(CLOSE_OF_JUNE)
        self.look_at_the_books()
        self.summary.check()
        return self.summary

    def close(self) -> None:
        """Drop the connections."""
        for client in self.clients:
            client.close()

    def client(self, token: str | None, name: str) -> Client:
        """Somebody with a token or key of their own."""
        self.clients.append(Client(self.base, token, name))
        return self.clients[-1]

    def clock(self, to: datetime) -> None:
        """Let time pass: timers fire, streams and queues are worked off, webhooks arrive."""
        self.local.post("/local/clock", {"advance_to": to.isoformat()})

    def set_up_partner(self) -> None:
        """The operator creates the partner; the partner puts its stations and bikes on offer."""
        staff = self.local.post("/local/staff-sign-in", {"name": "olga", "groups": ["operator"]})
        self.operator = self.client(staff["access_token"], "operator")
        made = self.operator.post("/finance/v1/partners", {"name": "Helsinki city bikes"})
        self.partner = self.client(made["key"]["key"], "partner")
        partner_id = made["partner"]["partner_id"]
        self.say(f"Operator created the partner {partner_id}")
        self.agree_on_money(partner_id)
        self.partner.put(f"/partner/v1/products/{PRODUCT}", {**CITY_BIKE, "owning": OWNING})
        self.partner.post(f"/partner/v1/products/{PRODUCT}/tariffs", CITY_BIKE_TARIFF)
        places = self.partner.put("/partner/v1/places", {"places": self.stations})
        self.say(f"Partner imported {places['stored']} stations")
        bikes = [
            {"asset_id": each.bike, "product_id": PRODUCT, "code": each.code, "place_id": each.from_station}
            for each in self.rides
        ]
        assets = self.partner.put("/partner/v1/assets", {"assets": bikes})
        self.say(f"Partner imported {assets['stored']} bikes")
        if places["refused"] or assets["refused"]:
            raise DemoFailedError("the import refused rows")

    def agree_on_money(self, partner_id: str) -> None:
        """Finance says who sells; from June on what tax is in a price, and what of it is the partner's."""
        staff = self.local.post("/local/staff-sign-in", {"name": "fred", "groups": ["finance"]})
        self.finance = self.client(staff["access_token"], "finance")
        self.finance.put("/finance/v1/sellers/helsinki", SELLER)
        self.finance.put(f"/finance/v1/tax-rates/{MONTHS[1]}", {"rates": [{"percent": "25.5"}]})
        self.finance.put(f"/finance/v1/partners/{partner_id}/share/{MONTHS[1]}", {"percent": "60"})

    def sign_up_customers(self) -> None:
        """Each customer signs in, accepts the terms and saves a test card with Stripe."""
        stripe = self.local.get("/local")["stripe"]
        for number in range(min(CUSTOMERS, len(self.rides))):
            signed_in = self.local.post("/local/sign-in", {"email": f"rider{number:02d}@example.com"})
            customer = self.client(signed_in["access_token"], f"rider{number:02d}")
            customer.post("/mobile/v1/me", {"terms_version": "1", "language": "fi"})
            self.local.post("/local/settle")
            setup = customer.post("/mobile/v1/me/payment-methods")
            save_card(stripe["api_base"], stripe["publishable_key"], setup["client_secret"])
            self.local.post("/local/settle")
            if customer.get("/mobile/v1/me")["payment"] != "in_order":
                raise DemoFailedError("a card was not saved")
            self.customers.append(customer)
        self.summary.customers = len(self.customers)
        self.say(f"{len(self.customers)} customers signed up and saved a test card")

    def ride_them_all(self) -> None:
        """Departures and returns in order of time. The timer closes May while two bikes are still out."""
        done = 0
        for at, what, ride in happenings(self.rides):
            self.clock(at)
            if what == "departure":
                self.depart(ride, at)
            else:
                self.return_bike(ride, at)
                done += 1
                if done % 20 == 0 or done == len(self.rides):
                    month = f"{at.astimezone(ZoneInfo(ZONE)):%Y-%m}"
                    so_far = self.customers[ride.customer].get(f"/mobile/v1/statements/{month}")["total"]["amount"]
                    stands = f"rider {ride.customer:02d}'s statement for {month} stands at {so_far} EUR"
                    self.say(f"{done} of {len(self.rides)} rides ended; {stands}")

    def depart(self, ride: Ride, at: datetime) -> None:
        """The price, the scan, and the partner's word that the bike is unlocked."""
        customer = self.customers[ride.customer]
        quote = customer.call("POST", "/mobile/v1/quotes", {"code": ride.code, "need": {"use_seconds": "1200"}})
        session = customer.post("/mobile/v1/access-sessions", {"code": ride.code, "quote": quote["quote"]})
        self.sessions[ride.number], self.quotes[ride.number] = session["session_id"], quote
        known = self.partner.get(f"/partner/v1/assets/{ride.bike}/sessions")
        if [each["session_id"] for each in known] != [session["session_id"]]:
            raise DemoFailedError("the partner sees another session")
        self.report(ride, at, [("unlocked", {"signal": "unlocked", "place": ride.from_station})])

    def return_bike(self, ride: Ride, at: datetime) -> None:
        """The bike reports what it measured, the dock reports the bike, the customer ends."""
        measured = ("measured", {"meter": "use_seconds", "value": str(ride.duration_s)})
        docked = ("docked", {"signal": "docked", "place": ride.to_station})
        customer, session = self.customers[ride.customer], self.sessions[ride.number]
        running = customer.get(f"/mobile/v1/access-sessions/{session}")["amount"]["amount"]
        self.report(ride, at, [measured, docked])
        customer.post(f"/mobile/v1/access-sessions/{session}/end")
        ended = customer.get(f"/mobile/v1/access-sessions/{session}")["amount"]["amount"]
        worst = self.quotes[ride.number]["worst_case"]["amount"]
        if not Decimal(ended) <= Decimal(running) <= Decimal(worst):
            raise DemoFailedError(f"{session}: {ended} charged, {running} running, {worst} at worst")

    def report(self, ride: Ride, at: datetime, found: list[tuple[str, dict[str, str]]]) -> None:
        """Send events about a ride, each under its own id."""
        events = [
            {
                "specversion": "1.0",
                "id": f"ride-{ride.number:03d}-{name}",
                "source": "/helsinki/bikes",
                "type": "adgang.usage.v1" if "meter" in data else "adgang.signal.v1",
                "subject": self.sessions[ride.number],
                "time": at.isoformat(),
                "data": data,
            }
            for name, data in found
        ]
        answers = self.partner.call("POST", "/partner/v1/events", events, media_type=BATCH)["events"]
        if any(answer["outcome"] != "accepted" for answer in answers):
            raise DemoFailedError(f"events were not accepted: {answers}")

    def look_at_the_books(self) -> None:
        """What was billed and collected, whether the journal balances, and the files."""
        billed: Counter[str] = Counter()
        collected: Counter[str] = Counter()
        for customer in self.customers:
            for invoice in every(customer, "/mobile/v1/invoices"):
                self.summary.invoices += 1
                minor = _minor(invoice["total"]["amount"])
                billed[invoice["month"]] += minor
                collected[invoice["month"]] += minor if invoice["state"] == "paid" else 0
        self.summary.billed = {month: _euro(billed[month]) for month in MONTHS}
        self.summary.collected = {month: _euro(collected[month]) for month in MONTHS}
        self.summary.stripe_collected = _euro(self.local.get("/local")["stripe"]["collected_minor"].get("EUR", 0))
        for month in (*MONTHS, "2021-07"):
            self.summary.journal_off[month] = self._journal_off(month)
        for month in MONTHS:
            self.download(month)
        self.keep_receipt()

    def _journal_off(self, month: str) -> dict[str, int]:
        """By how much the pages of a month's journal are off."""
        off, path, after = Counter[str](), f"/finance/v1/journal/{month}", ""
        while True:
            page = self.finance.get(path + after)
            off.update(page["off_minor"])
            if page["next"] is None:
                return {currency: minor for currency, minor in off.items() if minor}
            after = f"?after={quote(page['next'])}"

    def download(self, month: str) -> None:
        """All files of the newest export of a month, checked against its manifest."""
        close = self.finance.get(f"/finance/v1/closes/{month}")
        newest = self.finance.get(f"/finance/v1/exports/{month}")[-1]
        self.say(f"{month} closed: {close['accounts_done']} accounts, {close['invoices']} invoices")
        where = f"/finance/v1/exports/{month}/{newest['version']}"
        manifest = json.loads(self.file(f"{where}/manifest.json"))
        for each in [*manifest["files"], *manifest["partners"]]:
            content = self.file(f"{where}/{each['name']}")
            if hashlib.sha256(content).hexdigest() != each["sha256"]:
                raise DemoFailedError(f"{each['name']} is not what its manifest says")
            self.keep(f"exports/{month}/{each['name']}", content)
        self.keep(f"exports/{month}/manifest.json", self.file(f"{where}/manifest.json"))

    def file(self, path: str) -> bytes:
        """Follow the short-lived link."""
        status, _, content = self.browser.raw("GET", self.finance.get(path)["href"])
        if status != 200:  # noqa: PLR2004 -- HTTP's own number
            raise DemoFailedError(f"{path}: {status}")
        return content

    def keep_receipt(self) -> None:
        """The receipt of the ride that was out longest against its use, as text and JSON."""
        ride = self.rides[min(LONG_OUT, len(self.rides) - 1)]
        customer, path = (
            self.customers[ride.customer],
            f"/mobile/v1/access-sessions/{self.sessions[ride.number]}/receipt",
        )
        self.keep("receipt.json", (json.dumps(customer.get(path), indent=2) + "\n").encode())
        self.keep("receipt.txt", customer.get(path + ".txt").encode())

    def keep(self, name: str, content: bytes) -> None:
        """Write a file of the demo."""
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.summary.files.append(name)


def _minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def _euro(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)
