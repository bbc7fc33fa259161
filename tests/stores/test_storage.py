"""Storage keeps values exactly and commits all writes or none; whoever is refused learns by which condition."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, QueryError, TransactWriteError

from chalicelib.kernel.errors import Conflict, Refusal
from chalicelib.storage.attributes import DecimalAttribute, DocumentAttribute, InstantAttribute
from chalicelib.storage.capacity import counted
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.writes import Change, Check, Put, Remove, TooManyWrites, Transaction
from tests.stores.tables import Client, items

pytestmark = pytest.mark.stores
NOW = datetime(2021, 5, 31, 20, 32, 38, 123456, tzinfo=UTC)


class Thing(Record):
    """Something to store, in a table that needs no more than keys."""

    class Meta:
        table_name = TableName("dialogue")

    name = UnicodeAttribute(null=True)
    count = NumberAttribute(null=True)
    amount = DecimalAttribute(null=True)
    at = InstantAttribute(null=True)
    document: Any = DocumentAttribute(null=True)


class Taken(Conflict):
    """It is taken."""


class Gone(Conflict):
    """It is gone."""


def thing(sk: str, **values: Any) -> Thing:  # noqa: ANN401 -- any attribute
    return Thing(pk="things", sk=sk, **values)


def new(sk: str, otherwise: Refusal | None = None) -> Put:
    return Put(thing(sk), otherwise or Taken(sk=sk), Thing.pk.does_not_exist())


def there(sk: str) -> Check:
    return Check(Thing, ("things", sk), Thing.pk.exists(), Gone(sk=sk))


def stored() -> list[str]:
    return [each.sk for each in Thing.listed("things")]


@pytest.mark.parametrize(
    "amount", ["0", "0.1", "-0.000000000001", "999999999999999.999999999999", "12345678901234567890.12"]
)
def test_a_decimal_comes_back_as_it_was(commit: Transaction, amount: str) -> None:
    commit([Put(thing("a", amount=Decimal(amount)), Taken())], None)
    found = Thing.find("things", "a")

    assert found is not None
    assert found.amount == Decimal(amount)


def test_instants_and_documents_come_back_as_they_were(commit: Transaction) -> None:
    document = {"b": [1, 10**30, None, "Töölö"], "a": {"x": True}}
    east = NOW.astimezone(timezone(timedelta(hours=3)))
    commit([Put(thing("a", at=east, document=document), Taken())], None)
    found = Thing.find("things", "a")

    assert found is not None
    assert (found.at, found.at.utcoffset()) == (NOW, timedelta(0))
    assert found.document == document


def test_a_float_is_not_stored(commit: Transaction) -> None:
    with pytest.raises(TypeError):
        commit([Put(thing("a", document=[0.1]), Taken())], None)

    assert stored() == []


def test_all_writes_are_done_or_none(commit: Transaction) -> None:
    commit([new("a"), new("b")], None)
    with pytest.raises(Taken):
        commit([new("c"), new("a"), new("d")], None)

    assert stored() == ["a", "b"]


def test_each_kind_of_write_takes_part_with_its_condition(commit: Transaction) -> None:
    commit([new("a"), new("b"), new("c")], None)
    count = Change(thing("b"), [Thing.count.add(2)], Gone(), Thing.pk.exists())
    writes = [new("d"), count, Remove(thing("a"), Gone(), Thing.pk.exists()), there("c")]

    assert commit(writes, "done") == "done"
    assert stored() == ["b", "c", "d"]
    found = Thing.find("things", "b")
    assert found is not None
    assert found.count == 2


@pytest.mark.parametrize("write", ["put", "change", "remove", "check"])
def test_whichever_condition_fails_nothing_is_written_and_its_refusal_is_raised(
    commit: Transaction, write: str
) -> None:
    commit([new("a")], None)
    failing = {
        "put": new("a"),
        "change": Change(thing("x"), [Thing.count.set(1)], Taken(sk="a"), Thing.pk.exists()),
        "remove": Remove(thing("x"), Taken(sk="a"), Thing.pk.exists()),
        "check": Check(Thing, ("things", "x"), Thing.pk.exists(), Taken(sk="a")),
    }[write]
    with pytest.raises(Taken) as refused:
        commit([new("b"), failing], None)

    assert refused.value.facts == {"sk": "a"}
    assert stored() == ["a"]


def test_of_several_refusals_the_first_in_the_order_given_is_raised(commit: Transaction) -> None:
    """
    Checks go into the transaction before puts, but what the act names first is what the caller hears.
    """
    commit([new("a")], None)

    with pytest.raises(Taken):
        commit([new("a"), there("x")], None)
    with pytest.raises(Gone):
        commit([there("x"), new("a")], None)


def test_a_write_alone_states_its_condition_too(commit: Transaction) -> None:
    commit([new("a")], None)
    with pytest.raises(Taken):
        commit([new("a")], None)
    with pytest.raises(Gone):
        commit([Remove(thing("x"), Gone(), Thing.pk.exists())], None)
    with pytest.raises(Gone):
        commit([Change(thing("x"), [Thing.count.set(1)], Gone(), Thing.pk.exists())], None)

    assert stored() == ["a"]


def test_nothing_to_write_is_done_at_once_and_a_check_alone_is_a_mistake(commit: Transaction) -> None:
    assert commit([], "done") == "done"
    with pytest.raises(ValueError, match="belongs to an act"):
        commit([there("a")], None)


def test_an_act_writes_at_most_a_hundred_items(commit: Transaction) -> None:
    commit([new(f"{number:03d}") for number in range(100)], None)
    assert len(stored()) == 100
    with pytest.raises(TooManyWrites):
        commit([new(f"x{number:03d}") for number in range(101)], None)


def test_what_is_no_refusal_is_not_taken_for_one(commit: Transaction) -> None:
    """
    An item of more than 400 KB can never be stored: that is a failure, not a condition and not worth another try.
    """
    large = Put(thing("a", name="x" * 450_000), Taken(), Thing.pk.does_not_exist())

    with pytest.raises(PutError):
        commit([large], None)
    with pytest.raises(TransactWriteError):
        commit([large, new("b")], None)
    assert stored() == []


def test_a_partition_is_listed_in_pages_in_both_directions(commit: Transaction) -> None:
    commit([new(f"{number}") for number in range(7)], None)

    def page(after: str | None, *, backwards: bool = False) -> list[str]:
        return [each.sk for each in Thing.listed("things", limit=3, after=after, backwards=backwards)]

    assert [page(None), page("2"), page("5"), page("6")] == [["0", "1", "2"], ["3", "4", "5"], ["6"], []]
    assert [page(None, backwards=True), page("4", backwards=True)] == [["6", "5", "4"], ["3", "2", "1"]]
    assert [each.sk for each in Thing.listed("things", Thing.sk.startswith("3"))] == ["3"]


@pytest.mark.parametrize("keys", [Thing.sk.startswith("b#"), Thing.sk.between("b#", "b#~")], ids=["prefix", "between"])
def test_a_page_goes_on_behind_a_key_of_another_list_as_if_it_were_in_order(commit: Transaction, keys: Any) -> None:  # noqa: ANN401 -- pynamodb's own type
    """
    Callers say where a page begins. DynamoDB refuses a beginning outside of the keys that are asked for.
    """
    commit([Put(Thing(pk="p", sk=each), Conflict()) for each in ("a#1", "b#1", "b#2", "c#1")], None)

    def behind(after: str, *, backwards: bool) -> list[str]:
        return [each.sk for each in Thing.listed("p", keys, after=after, backwards=backwards)]

    asked = ("a#1", "b#1", "c#1", "zzz")
    assert [behind(each, backwards=False) for each in asked] == [["b#1", "b#2"], ["b#2"], [], []]
    assert [behind(each, backwards=True) for each in asked] == [[], [], ["b#2", "b#1"], ["b#2", "b#1"]]


def test_what_begins_outside_of_its_own_condition_is_refused_by_every_engine(commit: Transaction) -> None:
    commit([Put(Thing(pk="p", sk="b#1"), Conflict())], None)
    with pytest.raises(QueryError, match="ValidationException"):
        list(Thing.query("p", Thing.sk.startswith("b#"), last_evaluated_key={"pk": {"S": "p"}, "sk": {"S": "a#1"}}))


def test_a_message_names_its_topic_and_expires_after_it_can_have_been_missed(
    commit: Transaction, dynamodb: Client
) -> None:
    commit([message("dialogue.tell", "inv-1", {"about": "inv-1"}, NOW)], None)
    commit([message("dialogue.tell", "inv-1", {"about": "inv-1"}, NOW + timedelta(hours=1))], None)
    ((_, item),) = items(dynamodb)

    assert (item["pk"]["S"], item["topic"]["S"]) == ("dialogue.tell#inv-1", "dialogue.tell")
    assert item["said_at"]["S"] == "2021-05-31T21:32:38.123456Z"
    assert int(item["expires"]["N"]) == int((NOW + timedelta(days=35, hours=1)).timestamp())
    found = MessageRecord.find("dialogue.tell#inv-1", "message")
    assert found is not None
    assert found.body == {"about": "inv-1"}


def test_capacity_is_counted_where_it_is_asked_for(commit: Transaction) -> None:
    with counted() as used:
        commit([new("a")], None)
        Thing.find("things", "a")
    outside = used.units
    commit([new("b")], None)

    assert outside > 0
    assert used.units == outside


def test_nothing_is_found_under_a_key_that_is_longer_than_keys_may_be(commit: Transaction) -> None:
    """
    Names come in paths; DynamoDB itself would call such a read invalid.
    """
    commit([new("k" * 1024)], None)

    assert Thing.find("things", "k" * 1024) is not None
    assert (Thing.find("things", "k" * 1025), Thing.find("t" * 2049, "k")) == (None, None)
    assert (list(Thing.listed("t" * 2049)), list(Thing.listed("things", after="k" * 1025))) == ([], [])
