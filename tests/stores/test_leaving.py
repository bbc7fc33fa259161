"""An account is erased: wherever the worker dies, the same is gone in the end, and the books are as they were."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState
from chalicelib.billing.paper_model import Buyer, Paper
from chalicelib.billing.records import invoice_record
from chalicelib.customers.data_file import DataFile
from chalicelib.customers.erasing import close_account
from chalicelib.customers.erasure import Erasure, Step
from chalicelib.customers.errors import StillSomethingOpen
from chalicelib.customers.model import Customer
from chalicelib.customers.records import CustomerRecord
from chalicelib.edge.data_pieces import Made, make_some
from chalicelib.edge.leaving import LeavingWork
from chalicelib.edge.reacting_leaving import erase, make_file
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Transaction
from tests.stores.leaver import (
    EERO,
    NOW,
    OWNER,
    WHO,
    Files,
    ask,
    asking,
    heads,
    live,
    live_together,
    office,
    run,
)
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


def lived(dying: Dying, story: Callable[[int, BackOffice, int], None] = live) -> tuple[BackOffice, Files]:
    wired, files = office(STAGE)
    story(SESSIONS, wired, SESSIONS)
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


def erased(wired: BackOffice, dying: Dying, asked: Callable[[BackOffice], Erasure] = ask) -> Erasure:
    """To the end; whoever dies has the same message again."""
    receipt = asked(wired).erasure_id
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


@pytest.mark.parametrize("at_once", [1, 3, 50])
def test_who_bought_stays_as_issued_documents_name_them_and_nothing_else_of_billing_details(
    dynamodb: Client, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """
    The law on bookkeeping has a document kept as it was issued, an invoice or a credit note, with who bought.
    """
    monkeypatch.setattr("chalicelib.edge.leaving.AT_ONCE", at_once)
    wired, _ = lived(Dying(0))
    for version in range(1, 8):
        wired.commit(
            wired.issuing.numbers.saving_buyer(Buyer(WHO.account_id, f"Name {version}", version=version)), None
        )
    paper, total = Paper("I-000001", "op", 1, 2), Money(100, "EUR")
    what = (InvoiceLine("product", "par-1:bike", total),), total, NOW
    invoice_record(Invoice(WHO.account_id, MAY, 1, *what, InvoiceState.PAID, paper=paper)).save()
    note = CreditNote(WHO.account_id, MAY, "g1", *what, replace(paper, buyer_version=3))
    wired.commit([wired.issuing.notes.adding_note(note)], None)
    work, gone, after = LeavingWork(wired), Counter[str](), None
    while gone["pieces"] == 0 or after is not None:
        who = Erasure("receipt", WHO.account_id, WHO.customer_id, WHO.subject, NOW, Step.PERSONAL, after=after)
        counted, after = work.forget_personal(who)
        gone.update({**counted, "pieces": 1})

    assert (gone["buyer"], gone["buyer_on_documents"]) == (1, 5)
    assert [sk for _, pk, sk in sorted(left(dynamodb)) if sk.startswith("buyer")] == ["buyer#000002", "buyer#000003"]
    named = [wired.issuing.numbers.buyer(WHO.account_id, version) for version in (2, 3)]
    assert [each.name for each in named if each] == ["Name 2", "Name 3"]
    over = Month(NOW.year, 12).interval(wired.settings.zone).end + timedelta(days=3653)
    ends = {item["sk"]["S"]: item["expires"]["N"] for _, item in items(dynamodb) if "buyer" in item}
    assert ends == dict.fromkeys(["buyer#000002", "buyer#000003"], str(int(over.timestamp())))


def closed(wired: BackOffice) -> Erasure:
    """What an owner asks for."""
    return close_account(WHO.account_id, asking(wired))


def told(dynamodb: Client) -> dict[str, int]:
    """How often each account is to be told that one that its person was in is closed."""
    bodies = [json.loads(item["body"]["S"]) for table, item in items(dynamodb) if table.endswith("outbox")]
    found = Counter(each["account_id"] for each in bodies if each.get("code") == "account_closed")
    return dict(found)


def test_a_familys_account_closes_from_wherever_the_worker_died_and_its_books_stay(dynamodb: Client) -> None:
    """
    Its people stay customers, with their own copy of what they were in it: it leads them to what they had.
    """
    whole = Dying(0)
    wired, files = lived(whole, live_together)
    before = left(dynamodb)
    end = erased(wired, whole, closed)
    after, places = left(dynamodb), whole.seen

    assert (end.step, end.waits, end.erased["sessions"], end.erased["memberships"]) == (Step.DONE, (), SESSIONS, 3)
    assert books(after) == books(before)
    assert told(dynamodb) == {OWNER.account_id: 1, EERO.account_id: 1, WHO.account_id: 1}, "a minor has the family's"
    assert sorted(pk for area, pk, sk in after if area == "customers" and sk == "customer") == [
        f"subject#{each}" for each in ("sub-1", "sub-2", "sub-3")
    ]
    theirs = {pk: text for (_, pk, sk), text in after.items() if sk == f"in#{WHO.account_id}"}
    assert len(theirs) == 3
    assert all("ended_at" in text for text in theirs.values())
    assert [sk for _, pk, sk in after if pk == "account#acc-1" and sk.startswith(("member#", "roll", "notice"))] == []
    assert [key for key, text in after.items() if "Virtanen" in text] == [], "nor what it was called"
    (content,) = files.kept.values()
    assert b"Virtanen" in content
    assert b"sub-2" not in content, "how others sign in is no affair of the owner's"

    for at in range(1, places + 1):
        empty(dynamodb)
        dying = Dying(0)
        wired, _ = lived(dying, live_together)
        dying.at = at
        again = erased(wired, dying, closed)
        assert replace(again, erased={}) == replace(end, erased={}), at
        assert left(dynamodb) == after, at
    assert places >= 20


def alone(wired: BackOffice) -> None:
    """Everybody else is removed from the family."""
    roll = wired.members.roll(WHO.account_id)
    assert roll is not None
    wired.commit(wired.members.changing(roll, roll.dismissed(9, NOW, owners=False)), None)


def test_an_account_in_which_somebody_is_alone_closes_when_they_leave(dynamodb: Client) -> None:
    """
    Where others are in it, it is theirs too: then it has to be left, handed over or closed before.
    """
    wired, _ = lived(Dying(0), live_together)
    with pytest.raises(StillSomethingOpen) as refusal:
        ask(wired, OWNER)
    assert refusal.value.facts == {"memberships": [WHO.account_id]}
    alone(wired)

    waits = run(ask(wired, OWNER).erasure_id, wired)
    assert [each.code for each in waits.waits] == ["account_closing"]
    home = run(waits.waits[0].about, wired)
    assert (home.is_done, home.account_id) == (True, WHO.account_id)
    again = ask(wired, OWNER)
    erase({"erasure_id": again.erasure_id, "revision": str(again.revision)}, wired)
    assert run(again.erasure_id, wired).is_done
    assert not [key for key in left(dynamodb) if key[1] == "subject#sub-1"]


def known(subject: str, customer_id: str) -> None:
    """One more sign-in of the account."""
    who: dict[str, Any] = {"account_id": WHO.account_id, "customer_id": customer_id, "language": "fi"}
    CustomerRecord(f"subject#{subject}", "customer", **who, signed_up_at=NOW).save()


def test_who_agreed_under_another_sign_in_and_who_has_no_account_are_forgotten_too(dynamodb: Client) -> None:
    """
    A guest who stays is known by a later sign-in; who was taken into another's account has what is a person's alone.
    """
    wired, _ = lived(Dying(0))
    for before, after in (("sub-1", "sub-2"), ("sub-2", "sub-3")):
        now = wired.customers.by_subject(before)
        assert now is not None
        writes = [*wired.customers.linking(now, after, NOW), wired.agreements.linking(WHO.account_id, after)]
        wired.commit([*writes, *wired.members.linking(wired.members.of_subject(before), after, NOW)], None)
    run(ask(wired, replace(WHO, subject="sub-3")).erasure_id, wired)
    assert not [key for key in left(dynamodb) if key[0] != "metering" and key[1].startswith("subject#")]
    empty(dynamodb)

    wired, _ = lived(Dying(0))
    ward = Customer("cus-9", "cus-9", "sub-9", "fi", NOW)
    known("sub-9", "cus-9")
    before = left(dynamodb)
    end = run(ask(wired, ward).erasure_id, wired)
    assert end.is_done
    after = left(dynamodb)
    assert {key for key in before if key not in after} == {("customers", "subject#sub-9", "customer")}


def kinds(files: Files, name: str) -> dict[str, list[Any]]:
    """The items of a file by kind; of a kind that has several rows in the table, one after the other."""
    found: dict[str, list[Any]] = {}
    for each in json.loads(files.kept[f"own/{name}.json"])["holdings"]:
        found.setdefault(f"{each['area']} {each['name']}", []).extend(each.get("items", ()))
    return found


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_a_file_that_is_made_in_pieces_says_what_one_made_at_once_says(
    dynamodb: Client, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """
    Wherever it was broken off, a piece is made again; a session that two pieces name is in it once.
    """
    wired, files = lived(Dying(0))
    asked = DataFile(WHO.account_id, WHO.customer_id, WHO.subject, "whole", NOW)
    assert isinstance(make_some(asked, wired), Made)
    monkeypatch.setattr("chalicelib.edge.gathering._PAGE", 1)
    monkeypatch.setattr("chalicelib.edge.gathering.ROWS_AT_ONCE", at_once)
    wired.commit(wired.data_files.asking(replace(asked, name="pieces")), None)
    turns = 0
    while (file := wired.data_files.file(WHO.account_id)) is not None and file.ready_at is None:
        facts = {"account_id": WHO.account_id, "name": file.name, "after": file.after}
        for _ in range(2):
            make_file(facts, wired)
        turns += 1

    whole, pieces = (kinds(files, name) for name in ("whole", "pieces"))
    assert pieces.pop("customers data_file") != whole.pop("customers data_file"), "how far it is"
    assert pieces == whole
    assert (turns > SESSIONS) == (at_once < 1000)
    assert file is not None
    assert file.size == len(files.kept[file.key])
    assert books(left(dynamodb))


def test_the_file_of_an_erasure_is_made_in_pieces_too(dynamodb: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.edge.gathering.ROWS_AT_ONCE", 1)
    wired, files = lived(Dying(0))
    end = erased(wired, Dying(0))

    assert end.is_done
    held = {
        each["name"]: each.get("items") for each in json.loads(files.kept[f"own/{end.erasure_id}.json"])["holdings"]
    }
    assert (len(held["notices"]), len(held["charge_records"])) == (SESSIONS, SESSIONS)
    assert not [key for key in left(dynamodb) if key == ("customers", "subject#sub-1", "customer")]
