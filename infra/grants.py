"""What each door may do, read from its policies: `(door, action, resource)` for each right."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FUNCTIONS = Path(__file__).resolve().parent.parent / "functions"
_TABLE = re.compile(r"table/adgang-\$\{Stage\}-([a-z]+)$")


@dataclass(frozen=True, order=True)
class Grant:
    """One right: the door that has it, the policy file it stands in, the action, and the resource as written."""

    door: str
    policy: str
    action: str
    resource: str

    @property
    def table(self) -> str | None:
        """The short name of the table, where the right is on one."""
        found = _TABLE.search(self.resource)
        return found.group(1) if found else None

    @property
    def short(self) -> str:
        """A queue, bucket, group of timers or parameter by its short name, as the record of calls has it locally."""
        parameter = re.search(r":parameter/adgang/\$\{Stage\}(/.*)", self.resource)
        if parameter:
            return f"/adgang/local{parameter[1]}"
        group = re.search(r":schedule/adgang-\$\{Stage\}-([a-z]+)/\*$", self.resource)
        if group:
            return group[1]
        named = re.search(r"adgang-\$\{Stage\}-([a-z-]+?)(-bucket)?(-arn)?\"", self.resource)
        return named[1] if named else self.resource


def grants() -> list[Grant]:
    """Every right of every door, in order."""
    return sorted(each for path in FUNCTIONS.glob("*/.chalice/policy*.json") for each in _of(path))


def table_grants() -> set[tuple[str, str, str]]:
    """`(door, action, table)`, as in `("mobile", "dynamodb:GetItem", "catalogue")`, to compare with calls made."""
    return {(each.door, each.action, each.table) for each in grants() if each.table}


def _of(path: Path) -> Iterator[Grant]:
    policy: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for statement in policy["Statement"]:
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield Grant(path.parent.parent.name, path.name, action, _text(resource))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 -- a policy's JSON: one or a list of them
    return value if isinstance(value, list) else [value]


def _text(resource: Any) -> str:  # noqa: ANN401 -- a policy's JSON: a name or an intrinsic
    match resource:
        case str():
            return resource
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::ImportValue": {"Fn::Sub": str(text)}}:
            return f'"{text}"'
        case _:
            return json.dumps(resource, sort_keys=True)
