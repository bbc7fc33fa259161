"""README tells the truth: its walk runs, its commands exist, its tables say what the code says."""

import ast
import importlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.billing.inbox import HEARD
from chalicelib.kernel.languages import LANGUAGES
from infra.local.demo import BEGIN, Demo
from infra.local.environments import TEMPLATES
from infra.local.stripe_double.webhooks import LISTENED
from infra.local.system import System
from tests.architecture.sources import ROOT, sources
from tests.doors.callers import PROBLEM, done
from tests.doors.world import START, World

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECONDS_FOR_A_WALK = 120
READERS_OF_SETTINGS = re.compile(r"(.*\.)?(required|optional|secret|setting|os\.getenv|(os\.environ|environment)\.get)")
A_VARIABLE = re.compile(r"[A-Z]+(_[A-Z]+)*")
A_PROBLEM = re.compile(r"urn:adgang:problem|\"error\":|<Error>")
READERS = {"required", "optional", "secret", "setting", "getenv", "get"}
OF_MAKE = {"PYTHON", "AWS_DEFAULT_REGION"}
"""Read by the Makefile and by AWS's own tools."""


def section(title: str) -> str:
    """The text below a heading, up to the next of its rank."""
    _, _, rest = README.partition(f"\n## {title}\n")
    assert rest, f"README has no section {title!r}"
    return rest.partition("\n## ")[0]


def walk() -> str:
    """All shell blocks of the walk, one after the other, as somebody would paste them."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", section("One ride by hand"), re.MULTILINE | re.DOTALL))


def table(title: str) -> list[list[str]]:
    """The cells of a section's rows that begin with something in backticks, or of all rows."""
    rows = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows if not row.startswith("| ---")]


def pasted(script: str, address: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of blocks that somebody pastes, up to the first that fails."""
    shell = shutil.which("bash")
    if shell is None or shutil.which("curl") is None:
        pytest.skip("the walk needs bash and curl")
    strictly = "set -eu -o pipefail\n"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [shell, "-c", strictly + script],
        env={**os.environ, "PATH": path, "ADGANG": address},
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_A_WALK,
        check=False,
    )


def take_the_walk(address: str) -> str:
    """Run the walk in one shell against a system; what it printed."""
    made = pasted(walk(), address)
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr
    problem = A_PROBLEM.search(made.stdout)
    assert problem is None, made.stdout[max(0, problem.start() - 500) : problem.end() + 500]
    return made.stdout


def assert_one_ride_was_taken(printed: str) -> None:
    for each in ('"payment": "in_order"', "succeeded", '"outcome": "accepted"', "\n3.50\n", '"state": "kept"'):
        assert each in printed
    assert re.search(r"Totalt, moms ingår +1,50\s€\n", printed)
    assert "City bike, bike-1\n" in printed
    assert re.search(r"Reserverad åt dig: 55\smin\n", printed)
    assert '"loss_of_value": {' in printed
    assert '"owning": null' not in printed.rpartition('"products"')[2]
    assert re.search(r"I alt, moms inkluderet +1,50\s€\n", printed)
    assert '"state": "paid"' in printed
    assert '"state": "closed"' in printed
    assert printed.count('"off_minor": {}') == 2
    assert '"would_be": {\n                "amount": "1.20"' in printed
    assert '"would_be": {\n                "amount": "3.00"' in printed
    assert printed.count(",use,started_packages,1,package,1,1.00,EUR,") == 1


def test_the_walk_works_on_a_system_that_has_just_begun() -> None:
    """
    Somebody pastes the blocks one after the other, and takes the walk a second time.
    """
    with System.start() as system:
        assert_one_ride_was_taken(take_the_walk(system.address))
        system.clock.advance(timedelta(seconds=1))
        assert_one_ride_was_taken(take_the_walk(system.address))


def test_the_walk_works_after_the_demo(tmp_path: Path) -> None:
    """
    `make run` plays the demo in 2021 and then follows real time.
    """
    with System.start(start_at=BEGIN) as system:
        with closing(Demo(system.address, tmp_path, lambda _text: None, most_rides=1)) as demo:
            demo.run()
        system.follow_real_time()
        system.keep_working()
        assert_one_ride_was_taken(take_the_walk(system.address))


def test_the_walk_begins_by_telling_who_has_no_system_up() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"

    made = pasted(walk(), address)

    assert (made.returncode, made.stdout) == (1, "")
    assert made.stderr == f"Nothing answers at {address}: is make run up, and does it say Serving at?\n"


@pytest.mark.parametrize("helper", ["pick now", "show", "later '' 60"])
def test_the_walks_helpers_have_one_line_for_no_answer_and_no_traceback(helper: str) -> None:
    helpers, _, _ = walk().partition("\nup\n")

    made = pasted(f"{helpers}\n{helper} < /dev/null", "http://127.0.0.1:9")

    assert (made.returncode, made.stdout) == (1, "")
    assert len(made.stderr.splitlines()) == 1
    assert "Traceback" not in made.stderr


def test_the_error_that_readme_shows_is_one_that_a_door_answers() -> None:
    """
    BIKE-1 is in use by somebody else, and the request has that correlation id.
    """
    ((shown,),) = (re.findall(r"^```json\n(.*?)^```$", section("The doors in short"), re.MULTILINE | re.DOTALL),)
    told = json.loads(shown)
    with System.start(seed="readme", start_at=START) as system:
        world = World(system)
        partner, (first, second) = world.partner(), (world.customer(), world.customer())
        done(partner.put("/partner/v1/assets/bike-1", {"product_id": "city-bike", "code": told["facts"]["code"]}))
        first.start(told["facts"]["code"])

        asked = {"code": told["facts"]["code"]}
        reply = second.post("/mobile/v1/quotes", asked, headers={"X-Correlation-Id": told["correlation_id"]})

    assert (reply.status, reply.headers["content-type"]) == (told["status"], PROBLEM)
    assert reply.json == told
    assert list(reply.json) == list(told)


def test_readme_names_the_languages_that_are_spoken() -> None:
    (told,) = re.findall(r"^\*\*Languages\.\*\*.*?$", README, re.MULTILINE)

    assert tuple(re.findall(r"`([a-z]{2})`", told)) == tuple(LANGUAGES)


def test_every_command_that_readme_names_exists_and_help_lists_all() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE))
    command = [shutil.which("make") or "make", "help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert set(re.findall(r"^ +make ([a-z-]+) ", told.stdout, re.MULTILINE)) == targets
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE)) == targets


def variables_in_the_code() -> set[str]:
    """Every environment variable that Python reads, the deploy script takes, or a template sets."""
    found = set(OF_MAKE)
    for source in sources("chalicelib", "infra"):
        for node in (each for each in ast.walk(source.tree) if isinstance(each, ast.Call) and each.args):
            last = getattr(node.func, "attr", getattr(node.func, "id", None))
            called = ast.unparse(node.func) if last in READERS else ""  # to write every call out takes half a minute
            if READERS_OF_SETTINGS.fullmatch(called):
                both = called.endswith("secret")  # elsewhere the second argument is a default
                names = [each for each in node.args[: 2 if both else 1] if isinstance(each, ast.Constant)]
                texts = [str(each.value) for each in names]
                found |= {each for each in texts if A_VARIABLE.fullmatch(each)}
    script = (ROOT / "infra/deploy.sh").read_text(encoding="utf-8")
    found |= set(re.findall(r"\$\{([A-Z][A-Z_]+):-", script))
    for template in TEMPLATES.glob("*.json"):
        found |= set(re.findall(r'"([A-Z]+_[A-Z_]+)":', template.read_text(encoding="utf-8")))
    return found


def test_the_configuration_table_names_every_variable_and_no_other() -> None:
    told = [row[0].strip("`") for row in table("Configuration") if row[0].startswith("`")]

    assert len(told) == len(set(told))
    assert set(told) == variables_in_the_code()


def test_the_configuration_table_tells_the_defaults() -> None:
    told = {row[0].strip("`"): row[1] for row in table("Configuration")}
    settings = (ROOT / "chalicelib/edge/settings.py").read_text(encoding="utf-8")
    defaults = dict(re.findall(r'optional\("([A-Z_]+)", "(.+?)"\)', settings))

    assert defaults
    assert {name: told[name] for name in defaults} == {name: f"`{value}`" for name, value in defaults.items()}
    for name in re.findall(r'self\.required\("([A-Z_]+)"\)', settings):
        assert told[name] == "needed"


def in_words(value: object) -> str:
    """A limit as README writes it."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
            if seconds % length == 0:
                return f"{seconds // length} {unit}"
    if isinstance(value, int) and value and value % 2**20 == 0:
        return f"{value // 2**20} MiB"
    if isinstance(value, int) and value and value % 2**10 == 0:
        return f"{value // 2**10} KiB"
    return f"{value:,}"


def test_the_limits_are_those_of_the_code() -> None:
    checked = 0
    for what, limit, where in (row for row in table("Limits") if len(row) == 3):
        found = re.fullmatch(r"`(chalicelib[a-z_.]+)\.([A-Z_]+)`", where)
        if found:
            value = getattr(importlib.import_module(found[1]), found[2])
            assert re.match(rf"{in_words(value)}\b", limit), f"{what}: {limit}, in the code {in_words(value)}"
            checked += 1
    assert checked > 15


def test_readme_names_the_events_that_stripe_is_to_tell_us_of_and_the_double_tells_them() -> None:
    _, _, told = section("Deploying").partition("with the events")
    named, _, _ = told.partition("put the two signing")

    assert set(re.findall(r"`([a-z_]+\.[a-z_.]+)`", named)) == HEARD <= LISTENED


def test_every_file_that_readme_names_is_there() -> None:
    named = set(re.findall(r"`((?:functions|chalicelib|infra|tests|docs)/[\w./-]+)`", README))
    linked = set(re.findall(r"\]\((?!https?:|#)([^)]+)\)", README))

    assert len(named) > 30
    assert [each for each in sorted(named | linked) if not (ROOT / each).exists()] == []


def test_one_step_of_a_ride_is_read_in_at_most_five_files() -> None:
    steps = [row for row in table("A tour of the folders") if row[-1].count(".py`") > 1]

    assert {"start", "end"} <= {row[0] for row in steps}
    assert {row[0]: row[1].count(".py`") for row in steps if row[1].count(".py`") > 5} == {}


def test_the_tour_shows_every_package() -> None:
    told = {row[0].strip("`") for row in table("A tour of the folders")}
    packages = {each.parent.name for each in (ROOT / "chalicelib").glob("*/__init__.py")}

    assert packages <= told
