"""Each door's environment, read from the templates that set it in production: what is missing there is missing here."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from infra.cloudformation import ACCOUNT, resolve
from infra.local.apps import REGION

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def environment_of(door: str, stage: str, exports: Mapping[str, str], instead: Mapping[str, str]) -> dict[str, str]:
    """The variables of a door's merge template. `exports` are other stacks' outputs by name without the stage.

    `instead` replaces variables that the door has, such as addresses of this machine; others of it are left out.
    """
    common, own = _read("common"), _read(door)
    parameters = common["Parameters"] | own.get("Parameters", {})
    names = {name: str(each["Default"]) for name, each in parameters.items() if "Default" in each}
    names |= {"Stage": stage, "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
    variables = _variables(common) | _variables(own)
    return {
        name: instead[name] if name in instead else _value(value, names, f"adgang-{stage}-", exports)
        for name, value in variables.items()
    }


def parameters_of(environment: Mapping[str, str]) -> set[str]:
    """The names of the SSM parameters that a door is told to read."""
    return {value for name, value in environment.items() if name.endswith("_PARAMETER")}


@cache
def _read(name: str) -> dict[str, Any]:
    template: dict[str, Any] = json.loads((TEMPLATES / f"{name}.json").read_text(encoding="utf-8"))
    return template


def _variables(template: Mapping[str, Any]) -> dict[str, Any]:
    """Of all its functions, and of each of them."""
    parts = [template.get("Globals", {}).get("Function", {})]
    parts += [each.get("Properties", {}) for each in template.get("Resources", {}).values()]
    return {name: value for part in parts for name, value in part.get("Environment", {}).get("Variables", {}).items()}


def _value(value: object, names: Mapping[str, str], prefix: str, exports: Mapping[str, str]) -> str:
    if isinstance(value, dict) and "Fn::ImportValue" in value:
        return exports[str(resolve(value["Fn::ImportValue"], names)).removeprefix(prefix)]
    return str(resolve(value, names))
