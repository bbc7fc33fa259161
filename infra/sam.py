"""Merge templates in, CloudFormation out: what surrounds Chalice's own `sam.json`, without an AWS account."""

import copy
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator

from infra.cloudformation import Template
from infra.tables import REGION

logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)  # it complains that nobody publishes its metrics

TEMPLATES = Path(__file__).with_name("templates")


def merge_template(door: str) -> Template:
    """What all doors add to Chalice's template, with what this door adds of its own."""
    return merged(_read(TEMPLATES / "common.json"), _read(TEMPLATES / f"{door}.json"))


def merged(base: Template, more: Template) -> Template:
    """Dictionaries merge, anything else is replaced, as Chalice merges."""
    result = dict(base)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def stand_ins(template: Template) -> dict[str, str]:
    """An environment with the template's variables, for importing a door that checks its settings at its start."""
    parameters: Template = template["Parameters"]
    found: dict[str, str] = {}
    for name, value in template["Globals"]["Function"]["Environment"]["Variables"].items():
        match value:
            case {"Ref": str(parameter)}:
                found[name] = str(parameters[parameter].get("Default", "packaging"))
            case dict():
                found[name] = "https://packaging.invalid"
            case _:
                found[name] = str(value)
    return found


def transformed(template: Template) -> Template:
    """The plain CloudFormation that AWS makes of a SAM template; the code's place is a stand-in."""
    subject = copy.deepcopy(template)
    for resource in subject["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://bucket/deployment.zip"
    session = boto3.session.Session(region_name=REGION)  # the translator asks for a region and calls nobody
    try:
        result: Template = Translator({}, Parser(), boto_session=session).translate(subject, parameter_values={})
    except InvalidDocumentException as error:
        sys.exit(f"SAM refuses the template: {error.message} {[cause.message for cause in error.causes]}")
    return result


def check(sam_json: Path) -> None:
    """Write the transformed template beside `sam.json` and lint both; anything that cfn-lint objects to is an error."""
    plain = sam_json.with_name("cloudformation.json")
    plain.write_text(json.dumps(transformed(_read(sam_json)), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    subprocess.run([cfn_lint, "--non-zero-exit-code", "warning", "--", sam_json, plain], check=True, env=offline())


def offline() -> dict[str, str]:
    """The environment for tools that ask for a region though they call nobody."""
    return {"AWS_DEFAULT_REGION": REGION, **os.environ}


def _read(path: Path) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return template
