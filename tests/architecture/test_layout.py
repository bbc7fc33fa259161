"""The layout that DESIGN fixes, checked on the files themselves."""

import ast
import re

import pytest

from tests.architecture.sources import AREAS, CORE, ROOT, Source, sources

MOST_LINES = 400
MOST_FUNCTION_LINES = 50
AREA_FILES = {"__init__", "model", "errors", "ports", "service", "records", "store"}
OUTSIDE_WORLD = re.compile(
    r"^(time|os|random|secrets|uuid|socket|subprocess|threading|urllib|http|logging)(\.|$)|^datetime\.datetime\.now$"
)
LEAN_CLIENT = re.compile(r"chalicelib/metering/client(_\w+)?\.py")
SOCKETS_AND_LOCKS = {"socket", "threading"}  # what it is made of (0041); clocks and randomness are passed in to it, too
CLOCK_CALLS = {"now", "utcnow", "today", "time", "perf_counter", "monotonic", "getenv", "uuid4", "token_bytes"}


def every() -> tuple[Source, ...]:
    return sources("chalicelib", "functions", "infra", "tests")


def core() -> list[Source]:
    return [each for each in sources("chalicelib") if each.path.relative_to(ROOT).parts[1] in CORE]


def test_there_is_something_to_check() -> None:
    """
    A check over no files would always pass.
    """
    assert len(every()) > 150
    assert len(core()) > 60


def test_no_file_is_longer_than_400_lines() -> None:
    assert {each.name: each.lines for each in every() if each.lines > MOST_LINES} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    lengths = {
        f"{source.name}:{each.name}": (each.end_lineno or 0) - each.lineno + 1
        for source in every()
        for each in source.functions()
    }

    assert {name: length for name, length in lengths.items() if length > MOST_FUNCTION_LINES} == {}


def test_the_core_reads_no_clock_no_environment_and_no_randomness() -> None:
    """
    They come in as arguments, read once at the door.
    """
    assert {source.name: found for source in core() if (found := outside_world(source))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from os import environ",
        "import random",
        "x = datetime.now(UTC)",
        "x = date.today()",
        "x = uuid4()",
    ],
)
def test_a_core_that_looked_outside_would_be_found(text: str) -> None:
    """
    The check above is worth something only if it can fail.
    """
    assert outside_world(Source(ROOT / "x.py", text, ast.parse(text)))


def outside_world(source: Source) -> set[str]:
    calls = [node.func for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    called = {f"{_name(each.value)}.{each.attr}" for each in calls if isinstance(each, ast.Attribute)}
    named = {each.id for each in calls if isinstance(each, ast.Name)}
    imported = {each for each in source.imported() if OUTSIDE_WORLD.match(each)}
    clocks = {each for each in called if each.split(".")[0] in {"datetime", "date", "time", "os"} and _tail(each)}
    allowed = SOCKETS_AND_LOCKS if LEAN_CLIENT.fullmatch(source.name) else set()
    return (imported - allowed) | clocks | (named & CLOCK_CALLS)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _tail(call: str) -> bool:
    return call.rsplit(".", maxsplit=1)[-1] in CLOCK_CALLS


@pytest.mark.parametrize("area", AREAS)
def test_each_area_says_what_it_owns_what_it_does_not_and_what_never_happens(area: str) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / "chalicelib" / area / "__init__.py").read_text(encoding="utf-8")))

    assert docstring is not None
    assert [word for word in ("Owns:", "Does not own:", "Never:") if word not in docstring] == []


@pytest.mark.parametrize("area", [area for area in AREAS if area not in {"kernel", "rating"}])
def test_each_area_that_stores_has_the_fixed_file_names(area: str) -> None:
    found = {path.stem for path in (ROOT / "chalicelib" / area).glob("*.py")}

    assert {"__init__", "model", "ports", "records", "store"} <= found


def test_a_model_knows_the_standard_library_the_kernel_and_its_own_area_only() -> None:
    models = [each for each in sources("chalicelib") if each.path.name == "model.py"]
    strange = {source.name: _strangers(source) for source in models}

    assert len(models) > 8
    assert {name: found for name, found in strange.items() if found} == {}


def _strangers(source: Source) -> set[str]:
    allowed = ("chalicelib.kernel", f"chalicelib.{source.path.parent.name}")
    return {each for each in source.imported() if each.startswith("chalicelib") and not each.startswith(allowed)}


@pytest.mark.parametrize("door", ["mobile", "partner", "finance", "workers"])
def test_a_function_is_one_file_that_knows_no_record_and_no_store(door: str) -> None:
    """
    Chalice packs app.py and the shared package, and nothing else that lies beside them.
    """
    folder = ROOT / "functions" / door
    (app,) = [each for each in sources("functions") if each.path.parent.name == door]

    assert {path.name for path in folder.iterdir()} <= {"app.py", ".chalice", "chalicelib", "requirements.txt"}
    assert (folder / "chalicelib").resolve() == ROOT / "chalicelib"
    assert (folder / "requirements.txt").resolve() == ROOT / "requirements.txt"
    known = {each for each in app.imported() if re.search(r"\.(records|store)(\.|$)|\.storage", each)}
    assert known == set()


def test_only_the_edge_knows_http_statuses() -> None:
    """
    A status in a rule would make the rule depend on how it is asked.
    """
    statuses = re.compile(r"status_code|HTTPStatus|http_status(?!_?code)")

    found = {each.name for each in sources("chalicelib") if "/edge/" not in each.name and statuses.search(each.text)}
    assert found == {"chalicelib/billing/stripe_calls.py"}  # reads Stripe's answers, gives none


def test_the_top_level_holds_what_design_names_and_nothing_else() -> None:
    named = {
        "functions",
        "chalicelib",
        "infra",
        "tests",
        "docs",
        "requirements.txt",
        "requirements-dev.txt",
        "README.md",
    }
    named |= {"Makefile", "pyproject.toml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "build"}

    assert {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} <= named
