"""How records become items and items records: as PynamoDB does it, but what it asks of each attribute is asked once.

PynamoDB asks the attributes of a kind of item for each item anew, twice when it reads one, through descriptors; of an
item with fifteen attributes that is most of what reading or writing it takes.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Self, cast

from pynamodb.attributes import (
    Attribute,
    DiscriminatorAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    VersionAttribute,
)
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

_NULL = "NULL"
_Values = dict[str, dict[str, Any]]


class _Field(NamedTuple):
    """An attribute: its name in the item, DynamoDB's type, and how its values are written and read."""

    stored: str
    kind: str
    is_optional: bool
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class Mapped(Model):
    """A model of attributes that hold no others."""

    def __init__(self, hash_key: Any = None, range_key: Any = None, **attributes: Any) -> None:  # noqa: ANN401 -- values
        named, (fields, defaults) = {"pk": hash_key, "sk": range_key}, _fields_of(type(self))
        attributes |= {name: key for name, key in named.items() if key is not None}
        unknown = attributes.keys() - fields.keys()
        if unknown:
            raise ValueError(f"no attributes of {type(self).__name__}: {sorted(unknown)}")
        self.attribute_values = {**defaults, **attributes}

    @classmethod
    def _instantiate(cls, attribute_values: _Values) -> Self:
        """The record of an item as DynamoDB gives it."""
        record, (fields, defaults) = cls.__new__(cls), _fields_of(cls)
        found = record.attribute_values = dict(defaults)
        for name, (stored, kind, _, _, read) in fields.items():
            value = attribute_values.get(stored)
            if value and _NULL not in value:
                if kind not in value:
                    raise AttributeDeserializationError(stored, kind)
                found[name] = read(value[kind])
        return record

    def _container_serialize(self, null_check: bool = True) -> _Values:  # noqa: FBT001, FBT002 -- as PynamoDB has it
        """The item of a record."""
        values, item = self.attribute_values, _Values()
        for name, (stored, kind, is_optional, write, _) in _fields_of(type(self))[0].items():
            value = values.get(name)
            text = None if value is None else write(value)
            if text is not None:
                item[stored] = {kind: text}
            elif null_check and not is_optional:
                raise AttributeNullError(name)
        return item

    def get_save_kwargs_from_instance(
        self,
        condition: Condition | None = None,
        return_values_on_condition_failure: str | None = None,
    ) -> dict[str, Any]:
        """How DynamoDB is asked to put the record's item, if the condition holds."""
        asked: dict[str, Any] = {"TableName": cast("Any", self).Meta.table_name, "Item": self._container_serialize()}
        if condition is not None:
            placeholders, values = dict[str, str](), dict[str, Any]()
            asked["ConditionExpression"] = condition.serialize(placeholders, values)
            asked["ExpressionAttributeNames"] = {place: name for name, place in placeholders.items()}
            if values:
                asked["ExpressionAttributeValues"] = values
        if return_values_on_condition_failure is not None:
            asked["ReturnValuesOnConditionCheckFailure"] = return_values_on_condition_failure
        return asked


@lru_cache(maxsize=512)
def _fields_of(model: type[Mapped]) -> tuple[Mapping[str, _Field], Mapping[str, Any]]:
    """The attributes of a kind of item by name, and what those are that an item does not have."""
    attributes: Mapping[str, Attribute[Any]] = model.get_attributes()
    for name, each in attributes.items():
        is_other = isinstance(each, (ListAttribute, MapAttribute, DiscriminatorAttribute, VersionAttribute))
        if is_other or callable(each.default) or each.default_for_new is not None:
            raise TypeError(f"not an attribute that is mapped by itself: {model.__name__}.{name}")
    fields = {name: _field(each) for name, each in attributes.items()}
    return fields, {name: each.default for name, each in attributes.items() if each.default is not None}


def _field(attribute: Attribute[Any]) -> _Field:
    number = type(attribute) is NumberAttribute
    write, read = (_number_text, _number) if number else (attribute.serialize, attribute.deserialize)
    return _Field(attribute.attr_name, attribute.attr_type, bool(attribute.null), write, read)


def _number_text(value: Any) -> str:  # noqa: ANN401 -- a number
    return str(value) if type(value) is int else json.dumps(value)


def _number(text: str) -> Any:  # noqa: ANN401 -- as above
    return int(text) if text.isdecimal() else json.loads(text)
