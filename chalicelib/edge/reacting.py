"""What the workers do about messages: a topic and its facts become one call of a use case. Each may run twice.

What is done about a topic is in a module of those below, in its `TOPICS`; it is loaded with the first such message.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.edge.places import Registry, written_places

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.wiring_finance import BackOffice

Facts = Mapping[str, str]
Reaction = Callable[[Facts, "BackOffice"], None]
_REACTING: Final = (
    "chalicelib.edge.reacting_bookings",
    "chalicelib.edge.reacting_charges",
    "chalicelib.edge.reacting_closes",
    "chalicelib.edge.reacting_credit",
    "chalicelib.edge.reacting_customers",
    "chalicelib.edge.reacting_disputes",
    "chalicelib.edge.reacting_exports",
    "chalicelib.edge.reacting_holds",
    "chalicelib.edge.reacting_law",
    "chalicelib.edge.reacting_leaving",
    "chalicelib.edge.reacting_map",
    "chalicelib.edge.reacting_partners",
    "chalicelib.edge.reacting_payments",
    "chalicelib.edge.reacting_reconciliation",
    "chalicelib.edge.reacting_sessions",
    "chalicelib.edge.reacting_settling",
    "chalicelib.edge.reacting_subscriptions",
    "chalicelib.edge.reacting_taxes",
    "chalicelib.edge.reacting_terms",
    "chalicelib.edge.reacting_usage",
    "chalicelib.edge.reacting_wallet",
)


def set_timer(facts: Facts, wired: BackOffice) -> None:
    """Set a timer; what is due already is done at once."""
    timer = wired.timer_of(facts)
    if timer.at <= wired.now():
        react(timer.topic, timer.told, wired)
    else:
        wired.scheduler.set(timer)


def fire_timer(facts: Facts, wired: BackOffice) -> None:
    """Do what a timer was set for, as of its instant, whether it fires late or a moment too early."""
    timer = wired.timer_of(facts)
    react(timer.topic, timer.told, wired)


def react(topic: str, facts: Facts, wired: BackOffice) -> None:
    """Do what is to be done about a topic."""
    TOPICS[topic](facts, wired)


def react_to_all(topic: str, several: Iterable[Facts], wired: BackOffice) -> None:
    """The same of several; one that fails stops none of the others, and all that did are raised when these are done."""
    failed: list[Exception] = []
    for facts in several:
        try:
            react(topic, facts, wired)
        except Exception as error:  # noqa: BLE001 -- whatever it was, the others are done
            failed.append(error)
    if failed:
        raise ExceptionGroup(topic, failed)


def _bring(module: str) -> None:
    TOPICS.data.update(import_module(module).TOPICS)


def topic_places() -> Mapping[str, str]:
    """Which module does something about which topic."""
    return {topic: module for module in _REACTING for topic in import_module(module).TOPICS}


_places = written_places()
TOPICS: Final = Registry[Reaction](_places["topics"] if _places else topic_places(), _bring)
TOPICS["timer.set"] = set_timer


def each_of(
    records: Iterable[tuple[str, Any]], do: Callable[[Any], None], failed: Callable[[str, Exception], None]
) -> dict[str, list[dict[str, str]]]:
    """Do each record of a batch in order; Lambda sends again from the first that fails on, and nothing before it."""
    try:
        for identifier, record in records:
            try:
                do(record)
            except Exception as error:  # noqa: BLE001 -- whatever it was, it comes again and at last goes to the DLQ
                failed(identifier, error)
                return {"batchItemFailures": [{"itemIdentifier": identifier}]}
        return {"batchItemFailures": []}
    finally:
        if not gc.isenabled():
            collect_from_now_on()  # after a cold start, see chalicelib/__init__.py
