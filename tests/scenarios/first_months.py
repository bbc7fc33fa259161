"""An operator's first months: its file loaded on a stage of its own, people who use it, a calendar, books that tie."""

import csv
import gzip
import hashlib
import io
import itertools
import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.billing.store import BillingStore
from chalicelib.rating.proof import verify
from infra.local.client import Client, RefusedError
from infra.local.operators.commands import load_into, start_operator
from infra.local.operators.loading import Key
from infra.local.operators.reading import OperatorFile
from infra.local.stripe_double.stripe_js import save_card
from infra.local.system import System
from infra.local.timers import Due

Json = Any
SESSIONS = "/mobile/v1/access-sessions"
MOBILE = "/mobile/v1"
_BATCH = "application/cloudevents-batch+json"
_PHOTO = b"\xff\xd8 what the counter saw"


@dataclass
class Person:
    """Somebody's app."""

    name: str
    app: Client

    @property
    def account(self) -> str:
        return str(self.app.get(f"{MOBILE}/me")["account_id"])

    def asks(self, code: str, **need: str) -> Json:
        """The price of what is scanned."""
        return self.app.call("POST", f"{MOBILE}/quotes", {"code": code, "need": need})

    def starts(self, code: str) -> str:
        """Scans and goes; the session."""
        accepted = {"code": code, "quote": self.asks(code)["quote"]}
        return str(self.app.post(SESSIONS, accepted)["session_id"])

    def books(self, start: str, end: str, **what: str) -> str:
        """Books a stretch with its quote; the booking."""
        asked = {"from": start, "until": end, **what}
        quote = self.app.call("POST", f"{MOBILE}/booking-quotes", asked)["quote"]
        return str(self.app.post(f"{MOBILE}/bookings", {"quote": quote})["booking_id"])

    def fetches(self, booking: str, code: str) -> str:
        """What was booked is handed out; the session."""
        return str(self.app.post(f"{MOBILE}/bookings/{booking}/start", {"code": code})["session_id"])

    def subscribes(self, plan: str, language: str = "en", **also: Json) -> str:
        """Reads the price and the terms, and agrees to them; the subscription."""
        (offer,) = [each for each in self.app.get(f"{MOBILE}/plans")["items"] if each["plan_id"] == plan]
        terms = self.app.get(f"{MOBILE}/terms/{offer['terms_version']}?lang={language}")
        read = {"version": terms["version"], "language": terms["language"], "sha256": terms["sha256"]}
        body = {"plan_id": plan, "plan_version": offer["version"], "terms": read, **also}
        return str(self.app.post(f"{MOBILE}/subscriptions", body)["subscription_id"])

    def ends(self, session: str) -> str:
        """Gives it back; what it came to."""
        self.app.post(f"{SESSIONS}/{session}/end")
        return self.paid_for(session)

    def paid_for(self, session: str) -> str:
        return str(self.app.get(f"{SESSIONS}/{session}/receipt")["amount"]["amount"])

    def told(self) -> set[str]:
        """The codes of all notices."""
        return {each["code"] for each in self.app.get(f"{MOBILE}/notices?limit=200")["items"]}

    def stated(self, month: str) -> str:
        return str(self.app.get(f"{MOBILE}/statements/{month}")["total"]["amount"])

    def invoices(self) -> list[Json]:
        return list(self.app.get(f"{MOBILE}/invoices?limit=200")["items"])


@dataclass
class Stage:
    """A stage as its file says, and who calls its doors. Times are those of the operator's own clock on the wall."""

    system: System
    file: OperatorFile
    keys: Mapping[str, Key]
    held: ExitStack
    people: dict[str, Person] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.local = self.client(None, "local")
        self.operator = self.client(self.system.identity.staff_sign_in("olga", ["operator"]), "olga")
        self.finance = self.client(self.system.identity.staff_sign_in("fred", ["finance"]), "fred")
        self.partners = {name: self.client(key.key, name) for name, key in self.keys.items()}

    @property
    def currency(self) -> str:
        return str(self.file.document["stage"]["ADGANG_CURRENCY"])

    def client(self, token: str | None, name: str, account: str | None = None) -> Client:
        headers = {"Adgang-Account": account} if account else {}
        return self.held.enter_context(closing(Client(self.system.address, token, name, headers)))

    def instant(self, when: str) -> str:
        """`06-04 16:00`, or with seconds, of 2021."""
        zone = ZoneInfo(self.file.document["stage"]["ADGANG_ZONE"])
        return datetime.fromisoformat(f"2021-{when}").replace(tzinfo=zone).isoformat()

    def at(self, when: str) -> None:
        """Let time pass until then, with all that happens on the way."""
        self.system.advance_to(datetime.fromisoformat(self.instant(when)))
        self.settled()

    def settled(self) -> None:
        self.system.drain()

    def visitor(self, name: str) -> Person:
        """Somebody who has signed in, and is no customer yet."""
        return Person(name, self.client(self.system.identity.sign_in(f"{name}@example.com"), name))

    def customer(self, name: str, language: str = "en", *, pays: bool = True) -> Person:
        """Somebody signs up, and saves a card if they pay for themselves."""
        person = self.visitor(name)
        person.app.post(f"{MOBILE}/me", {"terms_version": "1", "language": language})
        self.settled()
        if pays:
            self.saves_card(person)
        self.people[name] = person
        return person

    def saves_card(self, person: Person) -> None:
        """For the account in which they act."""
        setup, stripe = person.app.post(f"{MOBILE}/me/payment-methods"), self.local.get("/local")["stripe"]
        save_card(stripe["api_base"], stripe["publishable_key"], setup["client_secret"])
        self.settled()

    def opens(self, person: Person, name: str, kind: str, **also: Json) -> Person:
        """They open a family's or a firm's account and act in it from here on, by that name; a family saves a card."""
        body = {"kind": kind, "name": name, "terms_version": "1", **also}
        account = str(person.app.post(f"{MOBILE}/accounts", body)["account_id"])
        self.settled()
        within = self.people[name] = self._within(person, name, account)
        if kind == "family":
            self.saves_card(within)
        return within

    def pays(self, person: Person, number: int) -> None:
        """One of their bills, at the page to which it leads."""
        assert self.system.stripe is not None
        invoice = BillingStore().invoices(person.account)[number].provider_invoice
        assert invoice is not None
        self.system.stripe.pay_at_page(invoice)
        self.settled()

    def joins(self, person: Person, owner: Person, role: str, **limits: str) -> Person:
        """They are invited to the owner's account, accept, and act in it from here on."""
        wanted = {"role": role, "name": person.name, **limits}
        invitation = owner.app.post(f"{MOBILE}/account/invitations", wanted)["invitation"]
        joined = person.app.post(f"{MOBILE}/memberships", {"invitation": invitation})
        self.settled()
        return self._within(person, f"{person.name}-{owner.name}", str(joined["account_id"]))

    def _within(self, person: Person, name: str, account: str) -> Person:
        return Person(name, self.client(person.app.token, name, account))

    def shows(self, person: Person, requires: str, **proof: Json) -> None:
        """A proof is checked by the verifier's double."""
        shown = self.local.post("/verifier/v1/proofs", proof)["proof"]
        person.app.post(f"{MOBILE}/me/eligibility", {"requires": requires, "proof": shown})

    def reports(self, partner: str, session: str, when: str, *found: str | tuple[str, str]) -> list[str]:
        """A thing says what happened then: signals by name, meters with their values; the outcomes."""
        events = [
            {
                "specversion": "1.0",
                "id": f"event-{next(self._numbers):04d}",
                "source": f"/{partner}",
                "type": "adgang.signal.v1" if isinstance(each, str) else "adgang.usage.v1",
                "subject": session,
                "time": self.instant(when),
                "data": {"signal": each} if isinstance(each, str) else {"meter": each[0], "value": each[1]},
            }
            for each in found
        ]
        told = self.partners[partner].call("POST", "/partner/v1/events", events, media_type=_BATCH)["events"]
        self.settled()
        return [each["outcome"] for each in told]

    def read_by(self, partner: str, device: str, *readings: tuple[str, str, str]) -> list[str]:
        """A thing reports by itself what it read when, under a key of its own: instant, meter, value; the outcomes."""
        name = f"{partner}-{device}"
        if name not in self.partners:
            self.partners[name] = self.client(self.keys[partner].devices[device], name)
        rows = [
            {"id": f"reading-{next(self._numbers):04d}", "time": self.instant(when), "meter": meter, "value": value}
            for when, meter, value in readings
        ]
        told = self.partners[name].post(f"/partner/v1/devices/{device}/signals", {"readings": rows})["events"]
        self.settled()
        return [each["outcome"] for each in told]

    def charges(self, session: str, kind: str, amount: str, when: str, what: str) -> str:
        """The partner states a charge beside use, with a photo of what is owed; its customer is told. The charge."""
        backend = next(iter(self.partners.values()))
        body = {"session_id": session, "kind": kind, "amount": amount, "happened_at": self.instant(when)}
        charge = str(backend.post("/partner/v1/charges", {**body, "description": {"en": what}})["charge_id"])
        if kind not in ("delivery", "add_on"):
            photo = {"sha256": hashlib.sha256(_PHOTO).hexdigest(), "content_type": "image/jpeg", "bytes": len(_PHOTO)}
            upload = backend.post(f"/partner/v1/charges/{charge}/evidence", photo)["upload"]
            put = urllib.request.Request(upload["href"], data=_PHOTO, headers=upload["headers"], method="PUT")
            with urllib.request.urlopen(put) as answer:
                assert answer.status == 200
        backend.post(f"/partner/v1/charges/{charge}/submit")
        self.settled()
        return charge

    def file_of(self, month: str, name: str) -> bytes:
        """A file of the month's newest export."""
        version = self.finance.get(f"/finance/v1/exports/{month}")[-1]["version"]
        with urllib.request.urlopen(self.finance.get(f"/finance/v1/exports/{month}/{version}/{name}")["href"]) as got:
            return bytes(got.read())

    def rows_of(self, month: str, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(gzip.decompress(self.file_of(month, f"{name}.csv.gz")).decode())))

    def ledger(self) -> dict[str, Decimal]:
        """Every ledger account with what stands on it; credits are positive."""
        rows = self.finance.get("/finance/v1/trial-balance")["rows"]
        return {row["ledger_account"]: Decimal(row["credit"] or 0) - Decimal(row["debit"] or 0) for row in rows}

    def assert_books_tie(
        self,
        stated: Mapping[str, Mapping[str, str]],
        billed: Mapping[str, str],
        given_back: Mapping[str, str] | None = None,
    ) -> None:
        """Statements by month and person, what each was billed and was given back: all worked out by hand.

        Statements, invoices less credit notes, Stripe, ledger and the months' exports have to say the same, and each
        proof has to hold by itself.
        """
        for month, by_person in stated.items():
            assert {name: self.people[name].stated(month) for name in by_person} == by_person, month
            self._assert_export_ties(month)
        self._assert_billed(billed)
        total = _sum(billed.values()) - _sum((given_back or {}).values())
        assert _sum(amount for by_person in stated.values() for amount in by_person.values()) == total
        ledger = self.ledger()
        assert sum(ledger.values()) == 0
        earned = sum((ledger[name] for name in ledger if name.startswith(("revenue", "tax"))), Decimal(0))
        assert earned == total, ledger
        assert self.system.stripe is not None
        assert Decimal(self.system.stripe.collected_total(self.currency)) / 100 == total

    def _assert_billed(self, billed: Mapping[str, str]) -> None:
        """Every bill is paid, and they come to that."""
        found = {name: self.people[name].invoices() for name in billed}
        assert {name: str(_sum(each["total"]["amount"] for each in rows)) for name, rows in found.items()} == billed
        assert {each["state"] for rows in found.values() for each in rows} == {"paid"}
        for name in billed:
            heads = self.people[name].app.get(f"{MOBILE}/proofs?limit=200")["items"]
            proofs = [self.people[name].app.get(f"{MOBILE}/proofs/{head['number']}") for head in heads]
            assert [finding for proof in proofs for finding in verify(proof)] == []

    def _assert_export_ties(self, month: str) -> None:
        manifest = json.loads(self.file_of(month, "manifest.json"))
        assert manifest["ties"]
        assert [each for each in manifest["ties"] if each["difference_minor"]] == []
        totals = {each["name"]: each["totals_in_minor_units"] for each in manifest["files"]}
        journal = totals["journal.csv.gz"]
        assert journal[f"debit_{self.currency}"] == journal[f"credit_{self.currency}"]


@contextmanager
def first_months(operator: str) -> Iterator[Stage]:
    """On the morning of 31 May 2021: the operator's file is loaded, and what it states of money holds from June on."""
    system, file = start_operator(operator, 0, operator, datetime.fromisoformat("2021-05-31T06:00:00+00:00"))
    _compare_once_a_month(system)
    with system, ExitStack() as held:
        yield Stage(system, file, load_into(system, file, lambda _line: None), held)


def _compare_once_a_month(system: System) -> None:
    """The daily comparison with Stripe takes half of a scenario's time; here it runs on the second of each month."""
    timers = system._timers
    every = timers.due

    def due(after: datetime, until: datetime) -> list[Due]:
        return [each for each in every(after, until) if each.handler != "compare_timer" or each.when.day == 2]

    timers.due = due  # type: ignore[method-assign]


def refusal(error: RefusedError) -> tuple[int, str]:
    """What a door refused, and with which status."""
    body: Json = error.body
    return error.status, body["code"]


def _sum(amounts: Any) -> Decimal:  # noqa: ANN401 -- amounts as text
    return sum(map(Decimal, amounts), Decimal("0.00"))
