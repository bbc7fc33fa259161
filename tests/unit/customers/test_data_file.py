"""A data file is asked for once, good for two hours, and asked for anew if nobody made it; holdings are told apart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.customers.data_file import GIVEN_UP, GOOD_FOR, DataFile, ask_file
from chalicelib.customers.errors import DataFileChanged
from chalicelib.customers.holding import OPEN, Holding, Leaving, Purpose, Source, Whose, holding_of
from chalicelib.customers.model import Customer
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 6, 1, 9, tzinfo=UTC)
AINO = Customer("cus-1", "acc-1", "sub-1", "fi", NOW)


class Files:
    """Satisfies `own_ports.DataFiles`."""

    def __init__(self) -> None:
        self.kept: dict[str, DataFile] = {}
        self.asked: list[str] = []

    def file(self, account_id: str) -> DataFile | None:
        return self.kept.get(account_id)

    def asking(self, file: DataFile) -> Sequence[InMemory]:
        store = write(DataFileChanged(), lambda: self.kept.update({file.account_id: file}))
        return [store, write(DataFileChanged(), lambda: self.asked.append(file.name))]

    def going_on(self, file: DataFile, before: DataFile) -> Sequence[InMemory]:
        unchanged = self.kept[file.account_id] == before
        return [write(DataFileChanged(), lambda: self.kept.update({file.account_id: file}), holds=lambda: unchanged)]

    def ready(self, file: DataFile) -> InMemory:
        return write(DataFileChanged(), lambda: self.kept.update({file.account_id: file}))


def ask(files: Files, now: datetime) -> DataFile:
    made = bytes([len(files.asked)])
    return ask_file(AINO, files=files, random_bytes=lambda size: made * size, now=now, commit=Commits())  # type: ignore[arg-type]


def test_it_is_made_once_for_whoever_asks_until_it_is_there_and_for_two_hours() -> None:
    files = Files()
    first = ask(files, NOW)
    assert ask(files, NOW + timedelta(minutes=1)) == first
    ready = first.made(10, "d" * 64, NOW + timedelta(minutes=2))
    Commits()([files.ready(ready)], None)

    assert ask(files, NOW + timedelta(minutes=2) + GOOD_FOR - timedelta(seconds=1)) == ready
    assert len(files.asked) == 1
    anew = ask(files, NOW + timedelta(minutes=2) + GOOD_FOR)
    assert (anew.ready_at, anew.name != first.name, len(files.asked)) == (None, True, 2)


def test_one_that_nobody_made_is_asked_for_anew() -> None:
    """As long as somebody goes on with it, it is the one that is waited for."""
    files = Files()
    first = ask(files, NOW)
    worked = NOW + GIVEN_UP - timedelta(seconds=1)
    Commits()(files.going_on(first.went_on("1|4|key", worked), first), None)
    assert ask(files, NOW + GIVEN_UP).name == first.name
    assert len(files.asked) == 1
    ask(files, worked + GIVEN_UP)

    assert len(files.asked) == 2


def held(pk: str, sk: str, area: str = "billing") -> Holding:
    return Holding(f"{pk} {sk}", area, pk, sk, Purpose.AGREEMENT, Source.YOU, OPEN, Leaving.ERASED)


@pytest.mark.parametrize(
    ("area", "pk", "sk", "name"),
    [
        ("billing", "account#acc-1", "invoice#2021-05", "account#{account} invoice#"),
        ("billing", "account#acc-1", "proof#1", "account#{account} proof"),
        ("billing", "account#acc-1", "proofpart#1", "account#{account} proofpart#"),
        ("billing", "account#", "invoice#2021-05", None),
        ("billing", "mark#acc-1", "anything", "mark#{account} "),
        ("billing", "owedby#par-1", "anything", None),
        ("billing", "dispute#d1", "dispute", "dispute# "),
        ("access", "account#acc-1", "invoice#2021-05", None),
    ],
)
def test_an_item_is_of_the_kind_whose_keys_say_most_of_it(area: str, pk: str, sk: str, name: str | None) -> None:
    kinds = [held("account#{account}", each) for each in ("invoice#", "proof", "proofpart#")]
    kinds += [held("mark#{account}", ""), held("dispute#", "")]
    found = holding_of(area, pk, sk, kinds)

    assert (found.name if found else None) == name


def test_a_kind_is_of_somebody_or_a_copy_for_others() -> None:
    own, copy = held("customer#{customer}", "consent#"), held("booked#", "")

    assert (own.whose, own.is_copy, own.partition({Whose.CUSTOMER: "cus-1"})) == (
        Whose.CUSTOMER,
        False,
        "customer#cus-1",
    )
    assert (copy.whose, copy.is_copy) == (Whose.NOBODY, True)
