"""Columns of a CSV import: each names a field, a member of one by a dot, as in `owning.purchase_price`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from chalicelib.edge.call import decode, json_pointer, pointing_at
from chalicelib.edge.refusals import BodyInvalid

_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and how its cells are read. An empty cell says nothing, as if the field were not there.

    A field with parts of its own takes JSON; a list takes JSON, or plain texts with semicolons between.
    """

    name: str
    is_list: bool
    has_parts: bool

    @property
    def path(self) -> list[str]:
        """From the row's field down to the member."""
        return self.name.split(".")

    def put(self, members: dict[str, Any], cell: str) -> None:
        """Say in the row's members what the cell says."""
        if not cell.strip():
            return
        *outer, last = self.path
        for step in outer:
            members = members.setdefault(step, {})
        members[last] = self._value(cell)

    def _value(self, cell: str) -> object:
        text = cell.strip()
        if self.has_parts or (self.is_list and text.startswith("[")):
            with pointing_at(*self.path):
                return decode(text.encode(), dict[str, object] if self.has_parts else list[object])
        return [each.strip() for each in text.split(_SEPARATOR) if each.strip()] if self.is_list else cell


def columns_of(names: Sequence[str], shape: type[Any], id_field: str) -> list[Column]:
    """The columns that the first line names. One that is no field, comes twice or contains another refuses them all."""
    import msgspec.inspect  # noqa: PLC0415 -- what shapes are made of is asked for by CSV alone

    own = msgspec.inspect.type_info(shape)
    stripped = [each.strip() for each in names]
    for number, name in enumerate(stripped):
        if name in stripped[:number]:
            raise BodyInvalid(pointer=json_pointer(name), reason="a column that is there twice")
        if any(other.startswith(f"{name}.") for other in stripped):
            raise BodyInvalid(pointer=json_pointer(name), reason="a column with parts that have columns of their own")
    if id_field not in stripped:
        raise BodyInvalid(pointer=json_pointer(id_field), reason="the first line has to name this field")
    return [_column(name, own) for name in stripped]


def _column(name: str, own: Any) -> Column:  # noqa: ANN401 -- msgspec's types have no common one that says what is in them
    found = own
    for step in name.split("."):
        found = _member(found, step)
        if found is None:
            reason = "the first line names fields, with commas between; this is none"
            raise BodyInvalid(pointer=json_pointer(name[:200]), reason=reason)
    found = _said(found)
    parts = msgspec.inspect.StructType | msgspec.inspect.DictType
    return Column(name, isinstance(found, msgspec.inspect.ListType), isinstance(found, parts))


def _member(found: Any, step: str) -> Any:  # noqa: ANN401 -- as above
    """What a member of that name is; None if there is none."""
    found = _said(found)
    if isinstance(found, msgspec.inspect.StructType):
        return next((field.type for field in found.fields if field.encode_name == step), None)
    return found.value_type if isinstance(found, msgspec.inspect.DictType) and step else None


def _said(found: Any) -> Any:  # noqa: ANN401 -- as above
    """Of what may be left out or null: what it is when it is there."""
    if isinstance(found, msgspec.inspect.UnionType):
        parts = (msgspec.inspect.StructType, msgspec.inspect.DictType, msgspec.inspect.ListType)
        return next((each for each in found.types if isinstance(each, parts)), found)
    return found
