"""Members have their plan's fare from the quote on, and a start only as long as the subscription is as it was then."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.access.agreed import Agreed
from chalicelib.access.member_fare import Chosen, MemberFare, choose
from chalicelib.access.model import AccessSession, Promise, State
from chalicelib.access.starting import Starting, StartSession, allowed, start_session
from chalicelib.catalogue.ports import Promised
from chalicelib.kernel.errors import Conflict
from chalicelib.rating import Quoted, Tariff, quote
from tests.unit.access.test_session import NOW, PROMISE
from tests.unit.access.test_starting import ASSET, CUSTOMER, PRODUCT, Entries, Started, Unlimited
from tests.unit.memory import Commits, InMemory, write
from tests.unit.rating.made import tariff

MEMBER = MemberFare("sub-1", "cus-1", "member@4", "members", requires=("student",))
PASS = MemberFare("sub-2", "cus-1", "ten@1", "free", counts=True)


class Fares:
    """What choosing reads of the catalogue: a tariff for each fare, by the price of its start."""

    def __init__(self, **amounts: str) -> None:
        self.amounts = amounts

    def tariff(self, _partner_id: str, _product_id: str, version: int, fare: str = "") -> Tariff:
        rules: dict[str, Any] = {"kind": "flat", "amount": self.amounts[fare]}
        return tariff(rules, tariff_id=f"par-1:bike~{fare}", version=version)


def chosen(own: str, *members: MemberFare, **fares: str) -> Chosen:
    def quoting(each: Tariff) -> Quoted:
        return quote(each, NOW, {})

    product = replace(PRODUCT, fares=dict.fromkeys(fares, 1))
    base = tariff({"kind": "flat", "amount": own})
    return choose(product, base, members, NOW, catalogue=Fares(**fares), quoting=quoting)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("own", "fares", "fare"),
    [
        ("1", {"members": "0.50", "free": "0.70"}, MEMBER),
        ("1", {"members": "0.50", "free": "0"}, PASS),
        ("1", {"members": "1", "free": "1"}, MEMBER),  # for nothing no pass is used up
        ("1", {"members": "2", "free": "3"}, None),
        ("1", {"free": "0.50"}, PASS),  # the product has no fare of the other name
        ("1", {}, None),
    ],
)
def test_the_tariff_that_costs_the_least_is_quoted(own: str, fares: dict[str, str], fare: MemberFare | None) -> None:
    assert chosen(own, MEMBER, PASS, **fares).member_fare == fare


def test_a_promise_holds_no_longer_than_what_it_rests_on_is_known_to_be_in_force() -> None:
    late, soon = NOW + timedelta(minutes=10), NOW + timedelta(minutes=3)
    ends = chosen("1", replace(MEMBER, until=soon), members="0")

    assert ends.until(late) == soon
    assert chosen("1", MEMBER, members="0").until(late) == late
    assert chosen("1").until(late) == late


class Subscriptions:
    """Satisfies `MemberFares`: what is asked of them, and whether it holds."""

    def __init__(self, plan: str = "member@4") -> None:
        self.plan = plan
        self.asked: list[str] = []

    def starting(self, account_id: str, fare: MemberFare) -> list[InMemory]:
        self.asked.append(f"start {account_id} {fare.subscription_id}")
        return [write(Conflict(), holds=lambda: fare.plan == self.plan)]

    def reserving(self, account_id: str, fare: MemberFare) -> list[InMemory]:
        self.asked.append(f"reserve {account_id} {fare.subscription_id}")
        return [write(Conflict(), holds=lambda: fare.plan == self.plan)]


PROMISED = replace(PROMISE, agreed=Agreed(member_fare=tuple(MEMBER.row())))


def started(subscriptions: Subscriptions, promise: Promise = PROMISED) -> tuple[AccessSession, Starting]:
    entries, sessions = Entries(PRODUCT), Started()
    allowing = SimpleNamespace(limits=Unlimited(), personal=Unlimited(), member_fares=subscriptions, now=NOW)
    parts: Any = (entries, sessions, sessions, bytes, "UTC", NOW, Commits(), allowing)
    starting = Starting(*parts)
    of = Promised(ASSET, PRODUCT, entries.tariff())
    return start_session(StartSession(CUSTOMER, "BIKE-0007", promise, of), starting=starting), starting


def test_a_session_is_at_the_fare_of_its_quote_all_its_life() -> None:
    subscriptions = Subscriptions()
    session, _ = started(subscriptions)

    assert session.fare == "members"
    assert subscriptions.asked == ["start acc-1 sub-1"]


def test_a_start_is_refused_once_the_subscription_was_changed() -> None:
    with pytest.raises(Conflict):
        started(Subscriptions("member@5"))


def test_who_is_no_member_is_asked_for_no_subscription() -> None:
    subscriptions = Subscriptions()
    session, _ = started(subscriptions, replace(PROMISE, agreed=Agreed()))

    assert session.fare == ""
    assert subscriptions.asked == []


def test_a_reservation_uses_up_nothing_of_a_pass() -> None:
    subscriptions = Subscriptions()
    session, starting = started(subscriptions)
    allowed(replace(session, state=State.RESERVED), starting=starting)

    assert subscriptions.asked == ["start acc-1 sub-1", "reserve acc-1 sub-1"]


def test_what_was_promised_is_read_back_from_its_document() -> None:
    agreed = Agreed.of(PROMISED.agreed.document())

    assert agreed == PROMISED.agreed
    assert MemberFare.of(agreed.member_fare or ()) == MEMBER
    assert replace(PROMISE, agreed=agreed).fare == "members"
