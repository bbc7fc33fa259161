"""Each kind of item is read and written as PynamoDB does it, to the value and to the byte."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pynamodb.attributes import Attribute, AttributeContainer, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError
from pynamodb.models import Model

import chalicelib
from chalicelib.storage.mapped import Mapped
from chalicelib.storage.record import Database, Record, TableName

_TEXTS: dict[str, str] = {
    "DocumentAttribute": '{"a":[1,null],"b":"\u00e5"}',
    "InstantAttribute": "2021-05-31T20:32:38.123456Z",
    "UTCDateTimeAttribute": "2021-05-31T20:32:38.123456+0000",
}
_OTHERS: dict[str, Any] = {"BOOL": True, "B": b"\x00\xff", "SS": ["a", "b"], "N": "1622000000"}
Item = dict[str, dict[str, Any]]


def kinds() -> list[type[Record]]:
    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        if module.name.endswith(("items", "records", "outbox")):
            import_module(module.name)

    def below(kind: type[Record]) -> Iterator[type[Record]]:
        for each in kind.__subclasses__():
            yield from (each, *below(each))

    return sorted(
        {each for each in below(Record) if each.__module__.startswith("chalicelib.") and "Meta" in vars(each)}, key=str
    )


def value_of(attribute: Attribute[Any]) -> dict[str, Any]:
    known = _TEXTS.get(type(attribute).__name__, "x") if attribute.attr_type == "S" else _OTHERS[attribute.attr_type]
    return {attribute.attr_type: known}


def by_pynamodb(kind: type[Record], item: Item) -> Record:
    record = kind.__new__(kind)
    AttributeContainer._container_deserialize(record, item)
    return record


@pytest.mark.parametrize("kind", kinds(), ids=lambda each: each.__name__)
def test_an_item_that_has_all_and_one_that_has_its_keys_alone_are_what_they_were(kind: type[Record]) -> None:
    whole = {each.attr_name: value_of(each) for each in kind.get_attributes().values()}
    bare = {name: whole[name] for name in ("pk", "sk")}
    for item in (whole, bare, {**{name: {"NULL": True} for name in whole}, **bare}):
        read, expected = kind.from_raw_data(item), by_pynamodb(kind, item)
        assert read.attribute_values == expected.attribute_values
        assert kind(**read.attribute_values).attribute_values == expected.attribute_values
        assert read._container_serialize(null_check=False) == AttributeContainer._container_serialize(
            expected, null_check=False
        )
    assert kind.from_raw_data(whole)._container_serialize() == AttributeContainer._container_serialize(
        by_pynamodb(kind, whole)
    )


def test_there_are_items_to_be_looked_at() -> None:
    assert len(kinds()) > 50


class Thing(Record):
    """An item."""

    class Meta:
        table_name = TableName("dialogue")

    name = UnicodeAttribute()
    count = NumberAttribute(null=True)


@pytest.mark.parametrize("number", [0, 7, -7, 10**37, 1.5, True])
def test_numbers_are_written_as_they_were(number: float) -> None:
    thing = Thing("a", "b", name="x", count=number)
    expected = AttributeContainer._container_serialize(thing)

    assert thing._container_serialize() == expected
    read = Thing.from_raw_data(expected).count
    assert (read, type(read)) == (by_pynamodb(Thing, expected).count, type(by_pynamodb(Thing, expected).count))


def test_what_is_needed_and_missing_of_another_type_or_not_known_is_refused() -> None:
    with pytest.raises(AttributeNullError, match="name"):
        Thing("a", "b")._container_serialize()
    with pytest.raises(AttributeDeserializationError, match="name"):
        Thing.from_raw_data({"pk": {"S": "a"}, "sk": {"S": "b"}, "name": {"N": "1"}})
    with pytest.raises(ValueError, match="nobody"):
        Thing("a", "b", nobody=1)


def test_an_attribute_that_holds_others_is_not_taken() -> None:
    class Holding(Mapped):
        class Meta:
            table_name = "holding"

        rows: Any = ListAttribute()

    with pytest.raises(TypeError, match="rows"):
        Holding(rows=[])


@pytest.mark.parametrize("kind", kinds(), ids=lambda each: each.__name__)
def test_a_put_of_each_kind_is_asked_for_as_pynamodb_asks(kind: type[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    """
    With no condition, with one of a name, and with one of several names and values.
    """
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    monkeypatch.setattr(Database, "prefix", "adgang-x-")
    record = kind.from_raw_data({each.attr_name: value_of(each) for each in kind.get_attributes().values()})
    conditions = [None, kind.pk.does_not_exist(), (kind.format == 1) & (kind.sk.startswith("a") | kind.pk.exists())]
    for condition in conditions:
        for on_failure in (None, "ALL_OLD"):
            asked = record.get_save_kwargs_from_instance(condition, on_failure)
            assert asked == Model.get_save_kwargs_from_instance(record, condition, on_failure)
