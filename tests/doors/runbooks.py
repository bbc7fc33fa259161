"""Walks through a runbook: its shell lines, each as the call of AWS that it is."""

import re
import shlex
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.local.engine import Engine
from tests.architecture.sources import ROOT

RUNBOOKS = ROOT / "docs" / "runbooks"
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(name: str, given: Mapping[str, str]) -> list[list[str]]:
    """The words of each line of its blocks, with what `given` says in place of what the runbook says itself."""
    said, found = dict[str, str](), list[list[str]]()
    text = Path(RUNBOOKS / name).read_text(encoding="utf-8")
    for line in "".join(_BLOCK.findall(text)).splitlines():
        if re.fullmatch(r"[A-Z]+=\S+", line):
            variable, _, value = line.partition("=")
            said[variable] = given[variable] if variable in given else _filled(value, said)
        elif line.strip():
            found.append(shlex.split(_filled(line, said)))
    return found


def _filled(text: str, said: Mapping[str, str]) -> str:
    return re.sub(r"\$([A-Z]+)", lambda found: said[found[1]], text)


def walk(words: list[str], engine: Engine) -> Any:  # noqa: ANN401 -- the answer
    """`aws dynamodb do-this --name value`, done; the answer."""
    program, service, operation, *options = words
    assert (program, service) == ("aws", "dynamodb"), words
    client = engine.client(service)
    if operation == "wait":
        waits, *options = options
        return client.get_waiter(waits.replace("-", "_")).wait(**_arguments(options))
    return getattr(client, operation.replace("-", "_"))(**_arguments(options))


def _arguments(options: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, option in enumerate(options):
        if option.startswith("--"):
            value = options[place + 1] if place + 1 < len(options) else "--"
            found[_camel(option)] = True if value.startswith("--") else _value(option, value)
    return found


def _camel(option: str) -> str:
    return "".join(each.capitalize() for each in option.removeprefix("--").split("-"))


def _value(option: str, text: str) -> Any:  # noqa: ANN401 -- as boto3 takes it
    if option.endswith("-specification"):
        pairs = (each.partition("=") for each in text.split(","))
        return {name: {"true": True, "false": False}.get(value, value) for name, _, value in pairs}
    return datetime.fromisoformat(text) if option.endswith("-date-time") else text
