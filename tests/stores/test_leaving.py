"""An account is erased: wherever the worker dies, the same is gone in the end, and the books are as they were."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.customers.erasure import Erasure, Step
from chalicelib.customers.model import Customer
from chalicelib.customers.records import CustomerRecord
from chalicelib.edge.reacting_leaving import erase
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Transaction
from tests.stores.leaver import NOW, WHO, Files, ask, heads, live, office, run
from tests.stores.riding import MAY
from tests.stores.tables import STAGE, Client, empty, items

pytestmark = pytest.mark.stores
SESSIONS = 2
BOOKS = {"access": "charged#", "ledger": "", "billing": "settled#"}


class KilledError(Exception):
    """The worker died here."""


@dataclass
class Dying:
    """Commits, and dies once: before what is to be written, or after it, before it could say so."""

    at: int
    seen: int = 0

    def __call__(self, writes: Sequence[Write], outcome: Any) -> Any:  # noqa: ANN401 -- as `Commit` has it
        self._here()
        done = Transaction(pause=lambda _attempt: None)(writes, outcome)
        self._here()
        return done

    def _here(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise KilledError


def lived(dying: Dying) -> tuple[BackOffice, Files]:
    wired, files = office(STAGE)
    live(SESSIONS, wired, notices=SESSIONS)
    wired.__dict__["commit"] = dying
    return wired, files


def left(dynamodb: Client) -> dict[tuple[str, str, str], str]:
    """What is stored, but for messages, which run out, and for the erasure itself, which counts what it saved."""
    found = {
        (table.rpartition("-")[2], item["pk"]["S"], item["sk"]["S"]): json.dumps(item, default=str, sort_keys=True)
        for table, item in items(dynamodb)
    }
    return {key: text for key, text in found.items() if key[0] != "outbox" and not key[1].startswith("erasure#")}


def books(stored: dict[tuple[str, str, str], str]) -> dict[tuple[str, str, str], str]:
    return {key: text for key, text in stored.items() if key[0] in BOOKS and key[2].startswith(BOOKS[key[0]])}


def erased(wired: BackOffice, dying: Dying) -> Erasure:
    """To the end; whoever dies has the same message again."""
    receipt = ask(wired).erasure_id
    dying.seen = 0
    while True:
        try:
            return run(receipt, wired)
        except KilledError:
            continue


def test_wherever_the_worker_dies_the_same_is_gone_and_the_books_stay(dynamodb: Client) -> None:
    whole = Dying(0)
    wired, files = lived(whole)
    before = left(dynamodb)
    end = erased(wired, whole)
    after, places = left(dynamodb), whole.seen

    assert end.waits == ()
    assert (end.step, end.erased["sessions"], end.erased["notices"]) == (Step.DONE, SESSIONS, SESSIONS)
    assert books(after) == books(before)
    assert len(books(after)) > SESSIONS
    gone = {f"{area} {pk.partition('#')[0]} {sk.partition('#')[0]}" for area, pk, sk in set(before) - set(after)}
    assert gone >= {
        "customers subject customer",
        "customers customer consent",
        "customers customer consented",
        "dialogue account notice",
        "subscriptions subject agreement",
    }
    assert not [pk for area, pk, _ in after if area == "access" and pk.startswith("position#")]
    assert [text for text in after.values() if WHO.subject in text] == []
    head = heads.find("ses-1", MAY)
    assert (head.erased is not None, head.count, head.total("use_seconds")) == (True, 5, 300)
    (content,) = files.kept.values()
    assert WHO.subject.encode() in content

    for at in range(1, places + 1):
        empty(dynamodb)
        dying = Dying(0)
        wired, _ = lived(dying)
        dying.at = at
        again = erased(wired, dying)  # what was removed and not saved is not counted
        assert replace(again, erased={}) == replace(end, erased={}), at
        assert left(dynamodb) == after, at
    assert places >= 16


def test_a_message_that_comes_again_after_the_end_changes_nothing(dynamodb: Client) -> None:
    wired, _ = lived(Dying(0))
    end = erased(wired, Dying(0))
    stored = left(dynamodb)
    for revision in range(1, end.revision + 1):
        erase({"erasure_id": end.erasure_id, "revision": str(revision)}, wired)

    assert left(dynamodb) == stored


def known(subject: str, customer_id: str) -> None:
    """One more sign-in of the account."""
    who: dict[str, Any] = {"account_id": WHO.account_id, "customer_id": customer_id, "language": "fi"}
    CustomerRecord(f"subject#{subject}", "customer", **who, signed_up_at=NOW).save()


def test_who_agreed_under_another_sign_in_and_who_has_no_account_are_forgotten_too(dynamodb: Client) -> None:
    """
    A guest who stays is known by a later sign-in; who was taken into another's account has what is a person's alone.
    """
    wired, _ = lived(Dying(0))
    later = replace(WHO, subject="sub-2")
    known("sub-2", WHO.customer_id)
    run(ask(wired, later).erasure_id, wired)
    assert not [key for key in left(dynamodb) if key[1] in {"subject#sub-1", "subject#sub-2"}]
    empty(dynamodb)

    wired, _ = lived(Dying(0))
    ward = Customer("cus-9", "cus-9", "sub-9", "fi", NOW)
    known("sub-9", "cus-9")
    before = left(dynamodb)
    end = run(ask(wired, ward).erasure_id, wired)
    assert end.is_done
    after = left(dynamodb)
    assert {key for key in before if key not in after} == {("customers", "subject#sub-9", "customer")}
