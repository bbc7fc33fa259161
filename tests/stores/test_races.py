"""Many at once, on Amazon's own engine: a thing is taken once, nothing reported is lost, a key is one act."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.acting import end_session
from chalicelib.access.ending import Ending, correct_charge
from chalicelib.access.errors import AssetInUse
from chalicelib.access.metered import MeteredSubjects
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.credit_store import CreditStore
from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.paper_store import PaperStore
from chalicelib.billing.settling import settle
from chalicelib.billing.store import BillingStore
from chalicelib.catalogue.store import CatalogueStore
from chalicelib.edge.answers import find_answer, saving_answer
from chalicelib.edge.idempotency import RequestKey, SavingCommit, replay
from chalicelib.kernel.errors import Refusal, Unavailable
from chalicelib.kernel.time import Interval
from chalicelib.ledger.accounts import receivable
from chalicelib.ledger.store import LedgerStore
from chalicelib.metering.model import Answer, Event, Outcome
from chalicelib.metering.service import Taking, count_spilled, ingest
from chalicelib.metering.store import HeadStore, PynamoItems
from chalicelib.metering.usage import usages_of
from chalicelib.rating import Tariff
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction
from infra.local.engine import DYNAMODB_LOCAL, Engine
from tests.stores.riding import MAY, START, record, session, sessions
from tests.stores.starting_race import race
from tests.stores.tables import PREFIX
from tests.unit.billing.books import LATER, Rides, SharesInMemory
from tests.unit.metering.rides import HELSINKI, event
from tests.unit.rating.city_bike import city_bike

pytestmark = pytest.mark.conformance
THREADS = 8
NOW = datetime(2021, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_amazons_engine(engine: Engine) -> None:
    """
    moto half-applies concurrent transactions, so nothing that it says about races counts.
    """
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("claims about races are made on DynamoDB Local: make conformance")


def at_once(work: Callable[[int], None], threads: int = THREADS) -> None:
    """Run it in so many threads that begin together; what one of them raises is raised here."""
    together, raised = threading.Barrier(threads), list[BaseException]()

    def run(number: int) -> None:
        together.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 -- whatever it was, the test shall see it
            raised.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    if raised:
        raise raised[0]


def again_while_unavailable(act: Callable[[], object]) -> object:
    """As a client does: a 503 is tried again."""
    while True:
        try:
            return act()
        except Unavailable:
            continue


def test_two_hundred_starts_on_fifty_assets_become_exactly_fifty_sessions() -> None:
    commit, outcomes = Transaction(), list[str]()

    def start(number: int) -> None:
        begun = session(number, f"acc-{number}", f"bike-{number % 50}")
        try:
            again_while_unavailable(lambda: commit(sessions.starting(begun, 1), None))
            outcomes.append(begun.session_id)
        except AssetInUse:
            outcomes.append("in use")

    at_once(lambda thread: [start(number) for number in range(thread, 200, THREADS)] and None)

    started = [each for each in outcomes if each != "in use"]
    assert (len(started), len(outcomes)) == (50, 200)
    on_assets = [each for number in range(50) for each in sessions.open_on(f"par-1/bike-{number}")]
    assert sorted(on_assets) == sorted(started)
    assert set(sessions.many([f"ses-{number}" for number in range(200)])) == set(started)
    assert sum(len(sessions.open_of(f"acc-{number}")) for number in range(200)) == 50


def test_a_thousand_customers_who_start_at_once_for_a_hundred_bikes_get_one_each_or_a_clear_refusal() -> None:
    found = race(PREFIX, 1_000, 100)

    assert (found.sessions, found.refusals, found.charges) == (100, 900, 0)
    assert set(found.on_assets.values()) == {1}


def test_an_asset_for_three_takes_three_of_many_and_gives_each_place_back_once() -> None:
    commit = Transaction()
    begun = [session(number, f"acc-{number}") for number in range(THREADS)]
    taken = list[str]()

    def start_and_end(number: int) -> None:
        try:
            again_while_unavailable(lambda: commit(sessions.starting(begun[number], 3), None))
        except AssetInUse:
            return
        taken.append(begun[number].session_id)

    at_once(start_and_end)
    assert len(taken) == 3

    def end(number: int) -> None:
        ended = record(begun[int(taken[number % 3].removeprefix("ses-"))])
        try:
            again_while_unavailable(lambda: commit(sessions.ending(ended, MAY), None))
        except Refusal:
            return
        taken.append("ended")

    at_once(end, 6)
    assert taken.count("ended") == 3
    assert sessions.open_on("par-1/bike-7") == []
    assert sessions.is_free("par-1/bike-7", 1)


def spread_out(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.02 * 2**attempt))


def heads_here() -> HeadStore:
    return HeadStore(PynamoItems(spread_out))


def take_in(events: Sequence[Event], now: datetime = NOW) -> list[Answer]:
    return ingest(
        events,
        partner_id="par-1",
        zone=HELSINKI,
        heads=heads_here(),
        subjects=MeteredSubjects(sessions, CatalogueStore(), heads_here(), now),
        now=now,
        commit=Transaction(),
        pause=spread_out,
    )


def test_several_writers_on_one_head_lose_nothing_and_count_nothing_twice() -> None:
    """
    Eight writers report the same 80 events in portions of five, each in its own order, and send again what was busy.
    """
    begun = replace(session(), meters={"metres": "m"})
    Transaction()(sessions.starting(begun, 1), None)
    events = [event(number, 30, 1 + number, "metres", subject="ses-1") for number in range(80)]
    outcomes = Counter[Outcome]()

    def report(thread: int) -> None:
        order = events[thread * 10 :] + events[: thread * 10]
        for first in range(0, 80, 5):
            left = order[first : first + 5]
            while left:
                answers = again_while_unavailable(lambda left=left: take_in(left))
                outcomes.update(answer.outcome for answer in answers if answer.outcome is not Outcome.REFUSED)
                left = [answer.event for answer in answers if answer.outcome is Outcome.REFUSED]

    at_once(report)
    heads = heads_here()
    for said in list(MessageRecord.scan()):
        log = heads.spilled(said.body["subject"], MAY, said.body["digest"])
        assert log is not None
        taking = Taking(
            HELSINKI,
            heads,
            MeteredSubjects(sessions, CatalogueStore(), heads, NOW),
            log.received_at,
            Transaction(),
            spread_out,
        )
        outcomes.update(answer.outcome for answer in count_spilled(log, taking))
    queued = outcomes.pop(Outcome.QUEUED, 0)

    head = heads.find("ses-1", MAY)
    assert head.total("metres") == sum(range(1, 81))
    assert sorted(each.event_id for each in usages_of([head], heads=heads)[0].events) == sorted(
        each.event_id for each in events
    )
    assert outcomes[Outcome.ACCEPTED] == 80
    assert outcomes[Outcome.ACCEPTED] + outcomes[Outcome.DUPLICATE] <= 8 * 80 <= sum(outcomes.values()) + queued


class OneTariff(CatalogueStore):
    """Every product has the city bike's tariff."""

    def tariff(self, _partner_id: str, _product_id: str, _version: int, _fare: str = "") -> Tariff:
        return city_bike()


def test_evidence_that_races_with_the_end_is_charged_or_looked_at_again() -> None:
    """
    Whatever wins: what the sealed record has not seen is in a message to the worker, who seals a counter-record.
    """
    begun, answers = session(), list[Answer]()
    Transaction()(sessions.starting(begun, 1), None)
    now = begun.started_at + timedelta(minutes=30)
    ending = Ending(HELSINKI, OneTariff(), sessions, heads_here(), now, Transaction())

    def work(thread: int) -> None:
        if thread == 0:
            again_while_unavailable(lambda: end_session("ses-1", "acc-1", ending=ending))
            return
        report = [event(thread, 5, thread, "use_seconds", subject="ses-1")]
        answers.extend(again_while_unavailable(lambda: take_in(report, now)))

    at_once(work, 4)
    accepted = {each.event.event_id for each in answers if each.outcome is not Outcome.REFUSED}
    ended = sessions.find("ses-1")
    assert ended is not None
    sealed = sessions.charge_of(ended)
    assert sealed is not None
    unseen = accepted - set(sealed.need.evidence["use_seconds"])
    assert not unseen or MessageRecord.find("access.evidence#ses-1", "message")
    correct_charge("ses-1", ending=ending)
    newest = sessions.charge_of(ended)
    assert newest is not None
    assert set(newest.need.evidence["use_seconds"]) == accepted


def test_one_key_used_by_eight_threads_at_once_is_one_act_with_one_answer() -> None:
    key = RequestKey.of("key-1", caller="mobile:sub-1", what=["POST", "/v1/access-sessions"], body=b"{}")
    bodies = list[bytes]()

    def request(thread: int) -> None:
        begun = session(thread, "acc-1", f"bike-{thread}")
        commit = SavingCommit(
            Transaction(), key, 201, lambda outcome: str(outcome).encode(), saving_answer, NOW + timedelta(days=7)
        )

        def once() -> None:
            try:
                bodies.append(str(commit(sessions.starting(begun, 1), begun.session_id)).encode())
            except Refusal:
                saved = replay(key, find_answer(key))
                if saved is None:
                    raise
                bodies.append(saved.body)

        again_while_unavailable(once)

    at_once(request)

    assert len(bodies) == THREADS
    assert len(set(bodies)) == 1
    (open_one,) = sessions.open_of("acc-1")
    assert bodies[0] == open_one.session_id.encode()


def test_a_month_that_eight_workers_settle_at_once_is_billed_once_and_parked_by_nobody() -> None:
    rides, billed, ledger = Rides(), BillingStore(), LedgerStore()
    rides.ridden(MAY, 50, 900)

    def work(_thread: int) -> None:
        while True:
            try:
                settle(
                    "acc-1",
                    MAY,
                    "EUR",
                    billed=billed,
                    used=rides,
                    ledger=ledger,
                    shared=SharesInMemory(),
                    issuing=Issuing(CreditStore(), PaperStore()),
                    time_zone_data="2026b",
                    now=LATER,
                    commit=Transaction(),
                )
            except (SettlementChanged, Unavailable):
                continue
            return

    at_once(work)

    (invoice,) = billed.invoices("acc-1")
    (entry,) = ledger.of_account("acc-1")
    assert invoice.total.minor == 950
    assert [each.amount.minor for each in entry.postings if each.ledger_account == receivable("acc-1")] == [950]
    assert billed.parked("acc-1", MAY) is None


def test_charges_sealed_at_once_are_all_found_again() -> None:
    commit = Transaction()
    begun = [session(number, "acc-1", f"bike-{number}") for number in range(24)]

    def ride(thread: int) -> None:
        for each in begun[thread::THREADS]:
            again_while_unavailable(lambda each=each: commit(sessions.starting(each, 1), None))
            again_while_unavailable(lambda each=each: commit(sessions.ending(record(each), MAY), None))

    at_once(ride)

    found = sessions.charged("acc-1", Interval(START, START + timedelta(days=1)))
    assert {each.session.session_id for each in found} == {each.session_id for each in begun}
    assert sessions.active_accounts(MAY) == ["acc-1"]
