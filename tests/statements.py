"""The two statements of PartiQL by which heads are written, as writes of whole items.

DynamoDB Local knows PartiQL; doubles of DynamoDB, and moto, which takes conditions of an update for a filter, do not.
"""

import re
from typing import Any

Json = dict[str, Any]
_INSERT = re.compile(r'INSERT INTO "[\w.-]+" VALUE \{(.+)\}')
_UPDATE = re.compile(r'UPDATE "[\w.-]+" (SET .+?) ((?:REMOVE "\w+" ?)*)WHERE (.+)')


def table_of(statement: Json) -> str:
    """The table that is written to."""
    return str(statement["Statement"].split('"')[1])


def as_item_write(statement: Json) -> tuple[Json, Json | None]:
    """The whole item, and the version that has to be there; None if there must be no item."""
    text, given = statement["Statement"], statement["Parameters"]
    if inserting := _INSERT.fullmatch(text):
        names = re.findall(r"'(\w+)': \?", inserting[1])
        return dict(zip(names, given, strict=True)), None
    updating = _UPDATE.fullmatch(text)
    assert updating, text
    names = [*re.findall(r'"(\w+)" = \?', updating[1]), "pk", "sk", "before"]
    assert re.findall(r'"(\w+)" = \?', updating[3]) == ["pk", "sk", "version"], text
    item = dict(zip(names, given, strict=True))
    return item, item.pop("before")
