"""A session goes by the policy that its product had at the start, whatever the partner states later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from chalicelib.access.agreed import Agreed
from chalicelib.access.errors import BudgetPassed
from chalicelib.access.model import AccessSession, NeedPolicy, Promise
from chalicelib.access.need import need_policy
from chalicelib.access.starting import Starting, StartSession, start_session
from chalicelib.catalogue.errors import UnknownAsset
from chalicelib.catalogue.model import Asset, Product
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.catalogue.ports import Promised
from chalicelib.customers.model import Customer
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.rating import Tariff
from tests.unit.access.test_session import NOW, PROMISE
from tests.unit.memory import Commits, InMemory, write
from tests.unit.rating.made import tariff

ALLOWED = replace(PROMISE, agreed=Agreed())
CUSTOMER = Customer("cus-1", "acc-1", "subject-1", "en", datetime(2021, 1, 1, tzinfo=UTC))
ASSET = Asset("par-1", "bike-7", "city-bike", "BIKE-0007")
POLICY = UsePolicy(use_signals=("moving",), silence=timedelta(minutes=5), grace=timedelta(minutes=2))
PRODUCT = Product("par-1", "city-bike", "City bike", "bikes", "Europe/Helsinki", policy=POLICY)


class Entries:
    """What a start reads of the catalogue."""

    def __init__(self, product: Product | None) -> None:
        self.stated = product

    def asset(self, _partner_id: str, _asset_id: str) -> Asset:
        return ASSET

    def product(self, _partner_id: str, _product_id: str) -> Product | None:
        return self.stated

    def tariff(self, *_version: object) -> Tariff:
        return tariff({"kind": "need", "per": "h", "in_use": "6"})

    def asset_is_on_offer(self, *_ids: str) -> InMemory:
        return write(UnknownAsset())


class Started:
    """Sessions that were started, and a standing that nobody lacks."""

    def __init__(self) -> None:
        self.kept: dict[str, AccessSession] = {}

    def starting(self, session: AccessSession, _capacity: int) -> list[InMemory]:
        return [write(UnknownAsset(), lambda: self.kept.update({session.session_id: session}))]

    def active_in(self, _account_id: str, _month: Month) -> InMemory:
        return write(UnknownAsset())

    def conditions(self, *_who: object) -> list[InMemory]:
        return []

    def is_free(self, *_asset: object) -> bool:
        return True


class Unlimited:
    """An account that has set no limits, and a customer who has shown all that is asked."""

    def starting(self, *_session: object) -> list[InMemory]:
        return []

    def conditions(self, *_who: object) -> list[InMemory]:
        return []


def start(entries: Entries, sessions: Started, promise: Promise = ALLOWED) -> AccessSession:
    parts = Starting(
        entries,  # type: ignore[arg-type]
        sessions,  # type: ignore[arg-type]
        sessions,  # type: ignore[arg-type]
        bytes,
        "UTC",
        NOW,
        Commits(),  # type: ignore[arg-type]
        SimpleNamespace(limits=Unlimited(), personal=Unlimited(), now=NOW),  # type: ignore[arg-type]
    )
    of = Promised(ASSET, entries.stated, entries.tariff())
    return start_session(StartSession(CUSTOMER, "BIKE-0007", promise, of), starting=parts)


def test_a_session_takes_along_the_policy_of_its_product() -> None:
    sessions = Started()
    begun = start(Entries(PRODUCT), sessions)

    assert begun.policy == need_policy(POLICY) != NeedPolicy()
    assert sessions.kept == {begun.session_id: begun}


def test_a_session_keeps_what_was_promised_at_its_start() -> None:
    agreed = replace(ALLOWED.agreed, hold=Money(5000, "EUR"), terms="2021-05", bound=Money(900, "EUR"))

    assert start(Entries(PRODUCT), Started(), replace(ALLOWED, agreed=agreed)).agreed == agreed


def test_what_a_hard_budget_has_no_room_for_is_not_started() -> None:
    sessions = Started()
    with pytest.raises(BudgetPassed) as refused:
        start(Entries(PRODUCT), sessions, PROMISE)

    assert refused.value.facts["period"] == "day"
    assert sessions.kept == {}


def test_what_belongs_to_no_product_cannot_be_started() -> None:
    with pytest.raises(UnknownAsset):
        start(Entries(None), Started())
