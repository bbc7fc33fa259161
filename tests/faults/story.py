"""Two customers' month, from sign-up to export, act by act; and what it leaves, in words that two runs share."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.access.acting import end_session
from chalicelib.access.metered import MeteredSubjects
from chalicelib.access.quoting import AskQuote, give_quote
from chalicelib.access.starting import StartSession, start_session
from chalicelib.billing.cards import prepare_card
from chalicelib.catalogue.changes import Author
from chalicelib.catalogue.model import Asset, Product
from chalicelib.catalogue.service import publish_tariff, put_asset, put_product
from chalicelib.finance.closing import close_by_timer
from chalicelib.kernel.time import Month
from chalicelib.metering.model import Event, Outcome
from chalicelib.metering.service import ingest
from chalicelib.subscriptions.service import SignUp, sign_up
from tests.faults.provider import DECLINED
from tests.faults.world import World
from tests.unit.rating.city_bike import DOCUMENT

RULES = {name: value for name, value in DOCUMENT.items() if name not in {"tariff_id", "version", "zone"}}
MAY = Month(2021, 5)
PARTNER, PRODUCT = "par-1", Product("par-1", "bike", "Bike", "bikes", "Europe/Helsinki")
CLOSING = datetime(2021, 6, 1, 1, 10, tzinfo=UTC)


@dataclass
class Rider:
    """A customer, with the card that is entered first."""

    name: str
    card: str
    account_id: str = ""


def prepare(world: World) -> None:
    """What was there before: two bikes with their tariff."""
    by = Author("key_1", world.now())
    put_product(PRODUCT, author=by, catalogue=world.catalogue, commit=world.commit)
    publish_tariff(PARTNER, "bike", RULES, currency="EUR", author=by, catalogue=world.catalogue, commit=world.commit)
    for name in ("anna", "bo"):
        asset = Asset(PARTNER, f"bike-{name}", "bike", f"BIKE-{name.upper()}")
        put_asset(asset, author=by, zone="UTC", catalogue=world.catalogue, commit=world.commit)


def sign(world: World, rider: Rider) -> None:
    command = SignUp(rider.name, "fi", "1")
    rider.account_id = world.act(
        f"sign-up-{rider.name}",
        lambda commit: sign_up(
            command,
            terms_in_force="1",
            currency="EUR",
            agreements=world.agreements,
            random_bytes=world.random_bytes,
            now=world.now(),
            commit=commit,
        ),
        lambda agreement: agreement.account_id,
    )
    world.drain()
    customer = world.customers.by_subject(rider.name)
    assert customer is not None
    world.names |= {rider.account_id: f"<account {rider.name}>", customer.customer_id: f"<customer {rider.name}>"}


def save_card(world: World, rider: Rider, card: str) -> None:
    setup = world.act(
        f"card-{rider.name}-{card}",
        lambda commit: prepare_card(
            rider.account_id, card, billed=world.billed, collector=world.collector, commit=commit
        ),
        lambda made: made.setup_id,
    )
    world.provider.card_entered(setup, card)
    world.drain()


def ride(world: World, rider: Rider, seconds: int, number: int = 1) -> str:
    customer = world.customers.by_subject(rider.name)
    assert customer is not None
    code = f"BIKE-{rider.name.upper()}"
    asked = AskQuote(rider.account_id, customer.customer_id, code, {"use_seconds": Decimal(seconds)})
    given = give_quote(asked, allowing=world.allowing(world.now()), random_bytes=world.random_bytes)
    session_id = world.act(
        f"start-{rider.name}-{number}",
        lambda commit: start_session(
            StartSession(customer, code, given.promise, given.of), starting=world.starting(world.now(), commit)
        ),
        lambda session: session.session_id,
    )
    world.names[session_id] = f"<session {rider.name} {number}>"
    begun = world.sessions.find(session_id)
    if begun is not None and begun.entitled is not None:
        world.names[begun.entitled.name] = f"<name {rider.name} {number}>"
    world.clock += timedelta(minutes=30)
    report(world, session_id, 1, seconds)
    world.act(
        f"end-{rider.name}-{number}",
        lambda commit: end_session(session_id, rider.account_id, ending=world.ending(world.now(), commit)),
        lambda receipt: receipt.record.session.session_id,
    )
    world.drain()
    return session_id


def report(world: World, session_id: str, number: int, seconds: int) -> None:
    """What the partner sends until it hears that everything was taken."""
    begun = world.sessions.find(session_id)
    assert begun is not None
    unlocked = Event("bikes", "unlocked", session_id, begun.started_at, "unlocked")
    used = Event("bikes", f"used-{number}", session_id, world.now(), "use_seconds", Decimal(seconds))

    def send() -> None:
        answers = ingest(
            [unlocked, used],
            partner_id=PARTNER,
            zone=world.settings.zone,
            heads=world.heads,
            subjects=MeteredSubjects(world.sessions, world.catalogue, world.heads, world.now()),
            now=world.now(),
            commit=world.commit,
        )
        assert {answer.outcome for answer in answers} <= {Outcome.ACCEPTED, Outcome.LATE, Outcome.DUPLICATE}

    for _ in range(world.deliveries):
        world.resilient(send)


def close(world: World) -> None:
    def tick() -> None:
        close_by_timer(
            world.settings.zone,
            world.settings.close_grace,
            closes=world.closes,
            now=world.now(),
            commit=world.commit,
        )

    for _ in range(world.deliveries):
        world.resilient(tick)
    world.drain()


def run(world: World) -> None:
    """Anna rides twice, the second ride is reported again after its end. Bo's card declines, and another one pays."""
    world.faults.paused = True
    prepare(world)
    world.faults.paused = False
    anna, bo = Rider("anna", "pm-anna"), Rider("bo", DECLINED)
    for rider in (anna, bo):
        sign(world, rider)
        save_card(world, rider, rider.card)
    ride(world, anna, 240)
    second = ride(world, anna, 1200, 2)
    report(world, second, 2, 500)
    world.drain()
    ride(world, bo, 1860)
    world.clock = CLOSING
    close(world)
    world.clock += timedelta(minutes=10)
    save_card(world, bo, "pm-bo")
    world.clock = CLOSING + timedelta(days=31)
    close(world)


_SAME: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"(\d{4}-\d\d-\d\dT\d\d):\d\d:\d\d\.\d{6}Z", lambda found: found[1]),
    (r"((?:month|posted)#\d{4}-\d\d)#\d", lambda found: found[1]),
    (r"quo_[a-z2-7]{26}", "<quote>"),
    (r"\b(?:[0-9a-f]{64}|[0-9a-f]{48})\b", "<digest>"),
    (r"\bcus_[a-z2-7]{26}\b", "<customer>"),
    (r'("(?:unpacked_)?bytes": )[0-9]+', lambda found: found[1]),  # what ids pack to differs with them
    (r"(\.(?:csv\.gz|jsonl\.gz|xlsx)\W+[0-9]+\W+)[0-9]+", lambda found: found[1]),
    (r'(\},)[0-9]+(,"<digest>"\])', lambda found: found[1] + found[2]),  # unpacked, and instants are not of one length
    (r"(#payment_failed)#[0-9a-f]{12}\b", lambda found: found[1]),
)


def left_by(world: World) -> list[str]:
    """Every item, file, and payment; ids by what they name, instants to the hour. An id that nobody was told stays."""
    rows = []
    for table, item in world.shelves.items():
        if item["sk"].get("S", "").startswith("failed#") and item.get("state") == {"S": "settled"}:
            continue  # that a close has tried an account twice is for operators to see
        kept = sorted((name, value) for name, value in item.items() if name != "expires")
        rows.append(f"{table} {kept}")
    rows += [f"{key} {line}" for key, content in world.stored.items() for line in _lines(key, content)]
    rows += [f"paid {each}" for each in world.provider.taken]
    return sorted(_in_shared_words(row, world.names) for row in rows)


def _lines(key: str, content: bytes) -> list[str]:
    """What is in a file, packed or not; of a workbook, in all of its parts."""
    if key.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return [f"{name} {parts.read(name).decode()}" for name in sorted(parts.namelist())]
    return (gzip.decompress(content) if key.endswith(".gz") else content).decode().splitlines()


def _in_shared_words(row: str, names: dict[str, str]) -> str:
    for name, meaning in names.items():
        row = row.replace(name, meaning)
    for pattern, instead in _SAME:
        row = re.sub(pattern, instead, row)
    return row
