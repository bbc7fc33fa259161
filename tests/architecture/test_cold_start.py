"""What a packed door loads, and when: a cold start pays for every module. Counted, as functional tests time nothing."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra import sam
from infra.doors import DOORS
from infra.placed import write_places
from infra.reached import PACKAGE, module_name, reached
from tests.benchmarks.first_request import FIRST_REQUEST, mobile_backend
from tests.benchmarks.imports import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
NAMES = [each.name for each in DOORS]
MOST_AT_IMPORT = 45
"""Modules of ours that a door's import may load; it is 25 to 40 of some 800."""
MOST_AT_FIRST_REQUEST = 80
"""And its first request: 72."""
NOT_AT_IMPORT = {"babel", "boto3", "botocore", "cryptography", "jwt", "pynamodb", "stripe", "urllib3", "xlsxwriter"}
NOT_AT_FIRST_REQUEST = {"babel", "boto3", "stripe", "xlsxwriter"}

OUTSIDE = "import os; del os.environ['AWS_LAMBDA_FUNCTION_NAME']\n"
TELL = "\nprint(json.dumps(told))"
LOADED = "\nimport sys; print(*sys.modules)"
DECLARED = """
import json, app
from chalicelib.edge.openapi import document
routes = [(each.method, each.path, each.view.__qualname__, each.needs) for each in app.app.operations]
told = [routes, document(app.app.name, app.app.operations)]
"""
BACKWARDS = """
import app
from chalicelib.edge.places import written_places
for path, methods in reversed(written_places()["routes"].items()):
    for method in methods:
        assert app.app.routes[path][method].method == method
"""
TOPICS = """
import json, app
from chalicelib.edge.reacting import TOPICS
told = {topic: f"{TOPICS[topic].__module__}.{TOPICS[topic].__name__}" for topic in sorted(TOPICS)}
"""


Packed = Callable[[str], Path]


def project(door: str) -> Path:
    """Where nothing is written down: all is loaded at once."""
    return ROOT / "functions" / door


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """A door as it is packed, but for the libraries, which are this process's."""

    @cache
    def pack(door: str) -> Path:
        folder = tmp_path_factory.mktemp(door)
        write_places(project(door), folder, {**sam.offline(), **sam.stand_ins(sam.merge_template(door))})
        (folder / "app.py").symlink_to(project(door) / "app.py")
        (folder / "chalicelib").symlink_to(ROOT / "chalicelib")
        return folder

    return pack


def run(folder: Path, code: str, settings: Mapping[str, str] | None = None) -> str:
    command, environment = [sys.executable, "-B", "-c", code], {**SETTINGS, **(settings or {})}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()[-1] if done.stdout else ""


@cache
def at_once(door: str, code: str) -> tuple[Any, set[str]]:
    """What a door says that has loaded all, and our modules that it has by then."""
    code = f"{OUTSIDE}{code}\nimport sys; print(json.dumps([told, [*sys.modules]]))"
    told = json.loads(run(project(door), code))
    return told[0], {name for name in told[1] if name.partition(".")[0] == "chalicelib"}


def loaded(told: str) -> tuple[set[str], set[str]]:
    """Our modules, and the libraries around."""
    names = told.split()
    ours = {name for name in names if name.partition(".")[0] == "chalicelib"}
    return ours, {name.partition(".")[0] for name in names} - {"chalicelib"}


@pytest.mark.parametrize("door", NAMES)
def test_importing_a_door_loads_nothing_that_only_some_requests_need(door: str, packed: Packed) -> None:
    """No desk, store, or use case, and no library that talks with anybody."""
    ours, libraries = loaded(run(packed(door), f"import app{LOADED}"))

    assert len(ours) <= MOST_AT_IMPORT, sorted(ours)
    assert not {
        name for name in ours if name.endswith(("_desk", "_shapes", ".records", "store")) or "reacting_" in name
    }
    assert libraries.isdisjoint(NOT_AT_IMPORT)


def test_the_mobile_doors_first_request_loads_its_own_desk_alone(packed: Packed) -> None:
    """What rides, bookings and prices are made of is not loaded for who asks who they are."""
    with mobile_backend() as settings:
        told = run(packed("mobile"), FIRST_REQUEST + LOADED, settings)
    ours, libraries = loaded(told)

    assert [name for name in ours if name.endswith("_desk")] == ["chalicelib.edge.who_desk"]
    assert len(ours) <= MOST_AT_FIRST_REQUEST, sorted(ours)
    assert not {name for name in ours if name.split(".")[1:2] in (["access"], ["rating"], ["catalogue"])}
    assert libraries.isdisjoint(NOT_AT_FIRST_REQUEST)


@pytest.mark.parametrize("door", ["mobile", "partner", "finance"])
def test_a_packed_door_answers_as_one_that_has_loaded_all(door: str, packed: Packed) -> None:
    """Whichever route is asked for first: the same views with the same rights, and the same OpenAPI document."""
    late = json.loads(run(packed(door), BACKWARDS + DECLARED + TELL))
    told, _ = at_once(door, DECLARED)

    assert late == told
    assert len(told[0]) > len(DOORS)


def test_packed_workers_do_the_same_about_every_topic(packed: Packed) -> None:
    """Each by the function that its module names."""
    late = json.loads(run(packed("workers"), TOPICS + TELL))

    assert late == at_once("workers", TOPICS)[0]
    assert {"access.evidence", "billing.collect", "timer.set"} <= late.keys()


@pytest.mark.parametrize(("door", "code"), [*((each, DECLARED) for each in NAMES[:-1]), ("workers", TOPICS)])
def test_all_that_a_door_loads_goes_into_its_package(door: str, code: str) -> None:
    """Outside of Lambda what is loaded late is loaded at once, so this is nearly all that it ever loads."""
    source = (project(door) / "app.py").read_text(encoding="utf-8")
    modules = {module_name(path.relative_to(ROOT)): path for path in (ROOT / PACKAGE).rglob("*.py")}
    _, loaded_at_once = at_once(door, code)

    assert len(loaded_at_once) > len(modules) / 10
    assert loaded_at_once <= reached([source], modules)
