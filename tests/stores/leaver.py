"""Somebody who has used much and leaves: what is stored about them, and the worker that forgets it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.access.charge_items import charge_item
from chalicelib.access.need import need_of
from chalicelib.access.position_ports import Seen
from chalicelib.access.position_store import PositionStore
from chalicelib.access.records import ChargeItem, SessionRecord, session_record
from chalicelib.customers.consent import Consent
from chalicelib.customers.erasing import Asking, ask_erasure
from chalicelib.customers.erasure import Erasure
from chalicelib.customers.members import Member
from chalicelib.customers.model import Account, Customer, Kind, Role
from chalicelib.customers.roll import Roll
from chalicelib.dialogue.model import Notice
from chalicelib.dialogue.records import NoticeRecord, notice_record
from chalicelib.edge.open_things import OpenThings
from chalicelib.edge.reacting_leaving import erase
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.money import Money
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.metering.fold import fold, settled
from chalicelib.metering.head import Head
from chalicelib.metering.model import Event, Subject
from chalicelib.metering.sealing import sealing
from chalicelib.metering.store import HeadStore, PynamoItems
from chalicelib.metering.usage import Usage, usages_of
from chalicelib.storage.writes import Transaction
from chalicelib.subscriptions.model import ACTIVE, PAY_PER_USE, Agreement
from tests.stores.riding import MAY, record, session

NOW = datetime(2021, 7, 1, 9, tzinfo=UTC)
BEGAN = datetime(2021, 5, 3, tzinfo=UTC)
WHO = Customer("cus-1", "acc-1", "sub-1", "fi", BEGAN)
OWNER = replace(WHO, account_id="acc-8")
EERO = Customer("cus-2", "acc-2", "sub-2", "fi", BEGAN)
ONNI = Customer("cus-3", WHO.account_id, "sub-3", "fi", BEGAN, ward=True)
AGREED = Agreement(WHO.account_id, WHO.customer_id, WHO.subject, PAY_PER_USE, "1", ACTIVE, "fi", "EUR", BEGAN)
heads = HeadStore(PynamoItems(pause=lambda _attempt: None))


class Files:
    """Satisfies `own_ports.OwnFiles`."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def write(self, key: str, content: bytes) -> None:
        self.kept[key] = content

    def read(self, key: str) -> bytes:
        return self.kept[key]

    def link(self, key: str, _seconds: int) -> str:
        return key


def office(stage: str) -> tuple[BackOffice, Files]:
    """The workers' parts, without a payment provider, which this customer never had."""
    settings = {"ADGANG_STAGE": stage, "ADGANG_ZONE": "UTC", "ADGANG_MODE": "test", "ADGANG_CURRENCY": "EUR"}
    wired, files = BackOffice(settings, now=lambda: NOW), Files()
    wired.__dict__["own_files"] = files
    wired.random_bytes = lambda many: b"1" * many
    return wired, files


def live(sessions: int, wired: BackOffice, notices: int = 20, events: int = 5) -> None:
    """Sessions with charges, events and places, notices and consents; all of it billed in a month that is long over."""
    commit = Transaction()
    commit(wired.customers.adding(WHO, Account(WHO.account_id, "EUR", BEGAN)), None)
    commit(wired.agreements.adding(AGREED, BEGAN), None)
    used(sessions, wired, notices, events)


def live_together(sessions: int, wired: BackOffice, notices: int = 20) -> None:
    """The same in a family's account, which has not only its owner in it."""
    commit, home = Transaction(), Account(WHO.account_id, "EUR", BEGAN, kind=Kind.FAMILY, name="Virtanen")
    commit(wired.customers.adding(OWNER, Account(OWNER.account_id, "EUR", BEGAN)), None)
    commit(wired.customers.adding(EERO, Account(EERO.account_id, "EUR", BEGAN)), None)
    commit([wired.members.taking_in(ONNI)], None)
    people = ((OWNER, Role.OWNER), (EERO, Role.PAYER), (ONNI, Role.MINOR))
    there = tuple(
        Member(home.account_id, who.customer_id, who.subject, role, BEGAN, name="N.N.", guards=role is Role.OWNER)
        for who, role in people
    )
    commit([*wired.members.opening(home, Roll(home.account_id, home.kind, there))], None)
    commit([wired.agreements.opening(AGREED)], None)
    used(sessions, wired, notices, 5)


def used(sessions: int, wired: BackOffice, notices: int, events: int) -> None:
    commit = Transaction()
    purpose = Consent(
        WHO.customer_id, "par_1:position", "1", given=True, at=BEGAN, by=WHO.customer_id, account_id=WHO.account_id
    )
    commit(wired.consents.changing(purpose), None)
    with NoticeRecord.batch_write() as batch:
        for each in range(notices):
            at = BEGAN + timedelta(minutes=each)
            batch.save(notice_record(Notice(WHO.account_id, f"ses-{each}", "unused", {}, at)))
    with ChargeItem.batch_write() as charges, SessionRecord.batch_write() as rows:
        for number in range(sessions):
            begun = replace(session(number), started_at=BEGAN + timedelta(minutes=30 * number))
            ended = record(begun, quantities={"use_seconds": Decimal(60 * events)})
            rows.save(session_record(ended.session))
            seen = _use(ended.session.session_id, begun.started_at, events)
            charges.save(charge_item(replace(ended, need=need_of(ended.session, seen, NOW))))
    entry = JournalEntry("payout:1", "payout", WHO.account_id, MAY, BEGAN, _postings(sessions))
    commit(wired.ledger.posting(entry), None)


def _postings(sessions: int) -> tuple[Posting, ...]:
    return (
        Posting("bank", Money(50 * sessions, "EUR"), "stripe:po_1"),
        Posting("stripe-clearing", Money(-50 * sessions, "EUR"), "stripe:po_1"),
    )


def _use(session_id: str, began: datetime, events: int) -> Sequence[Usage]:
    """What was reported, sealed as the end of a session does it."""
    ended = began + timedelta(minutes=30)
    about = Subject(session_id, "par-1", {"use_seconds": "s"}, began, ended)
    made = [
        Event("bikes", f"{session_id}-{n}", session_id, began + timedelta(minutes=n), "use_seconds", Decimal(60))
        for n in range(events)
    ]
    after, _ = fold(Head(session_id, MAY, about=replace(about, ended_at=None)), made)
    new = settled(after, {}, first=True)
    heads.prepare([new])
    heads.put([new])
    PositionStore().keep([Seen(session_id, began, "bikes", f"{session_id}-p", "ud9wr0", ended + timedelta(days=999))])
    Transaction()(sealing(about, usages_of(heads.all_of(session_id), heads=heads), heads=heads), None)
    return usages_of(heads.all_of(session_id), heads=heads)


def asking(wired: BackOffice) -> Asking:
    return Asking(wired.erasures, OpenThings(wired), bytes, NOW, Transaction())


def ask(wired: BackOffice, who: Customer = WHO) -> Erasure:
    """What the mobile door does."""
    return ask_erasure(who, asking(wired))


def run(erasure_id: str, wired: BackOffice, done: Callable[[Erasure], object] = lambda _: None) -> Erasure:
    """Each message in turn, as the outbox brings it."""
    while True:
        found = wired.erasures.find(erasure_id)
        assert found is not None
        done(found)
        if found.is_done or found.waits:
            return found
        erase({"erasure_id": erasure_id, "revision": str(found.revision)}, wired)
