"""A small reader of our CloudFormation templates: enough to make the same tables, queues and bucket elsewhere."""

import pickle
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ACCOUNT = "123456789012"
"""The account that documentation uses, and moto."""

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Reads `!Ref x` as `{"Ref": x}` and `!Sub x` as `{"Fn::Sub": x}`, the long forms that JSON templates use."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, object]:
    value: object
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 -- YAML has no fourth kind of node
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def load(path: Path) -> Template:
    """The template, with short intrinsics written out in full. Reading one takes 0.2 s, so each text is read once."""
    template: Template = pickle.loads(_parsed(path.read_text(encoding="utf-8")))  # noqa: S301 -- our own, some lines below
    return template


@lru_cache(maxsize=16)
def _parsed(text: str) -> bytes:
    """Pickled: a copy for each who asks, in a tenth of the time that copying it would take."""
    return pickle.dumps(yaml.load(text, Loader=_Loader))  # noqa: S506 -- a SafeLoader with tags for intrinsics


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of that type by logical id."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}


def resolve(value: object, names: Mapping[str, str]) -> Any:  # noqa: ANN401 -- a template's value can be anything
    """Put `names` in for `Ref`, `Fn::Sub` and `Fn::GetAtt` (as `Resource.Attribute`); all must be given."""
    match value:
        case {"Ref": str(name)}:
            return names[name]
        case {"Fn::GetAtt": [str(resource), str(attribute)]}:
            return names[f"{resource}.{attribute}"]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: names[found.group(1)], text)
        case dict():
            return {key: resolve(each, names) for key, each in value.items()}
        case list():
            return [resolve(each, names) for each in value]
        case _:
            return value
