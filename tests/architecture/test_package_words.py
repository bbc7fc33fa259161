"""Words in a package: Babel goes along only where they are shown, with our languages, and is loaded only for them."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from infra.bundle import keeps
from infra.doors import DOORS, door
from tests.architecture.sources import ROOT
from tests.benchmarks.first_request import FIRST_REQUEST, mobile_backend
from tests.benchmarks.imports import SETTINGS as OF_A_FUNCTION

SAYS = """
import sys
sys.path.insert(0, {folder!r})
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo
from chalicelib.edge.words import Words
from chalicelib.kernel.languages import LANGUAGES
sys.stdout.reconfigure(encoding="utf-8")
for language in LANGUAGES:
    formats = Words(language).formats
    day = date(2021, 5, 31)
    moment = formats.moment(datetime(2021, 5, 31, 20, 30, tzinfo=UTC), ZoneInfo("Europe/Helsinki"))
    numbers = formats.number(Decimal("1234.5")), formats.share(Decimal("0.025"))
    said = [formats.money(Decimal("-1234.50"), "EUR"), *numbers]
    print(" | ".join([language, *said, formats.day(day), formats.month(day), moment]).replace(chr(160), " "))
import babel
assert babel.__file__.startswith({folder!r})
"""
SAID = """\
da | -1.234,50 € | 1.234,5 | 2,5 % | 31. maj 2021 | maj 2021 | 31. maj 2021 23.30.00 EEST
sv | -1 234,50 € | 1 234,5 | 2,5 % | 31 maj 2021 | maj 2021 | 31 maj 2021 23:30:00 EEST
nl | € -1.234,50 | 1.234,5 | 2,5% | 31 mei 2021 | mei 2021 | 31 mei 2021, 23:30:00 EEST
en | -€1,234.50 | 1,234.5 | 2.5% | 31 May 2021 | May 2021 | 31 May 2021, 23:30:00 EEST
de | -1.234,50 € | 1.234,5 | 2,5 % | 31. Mai 2021 | Mai 2021 | 31. Mai 2021, 23:30:00 OESZ
fi | -1 234,50 € | 1 234,5 | 2,5 % | 31. toukokuuta 2021 | toukokuu 2021 | 31. toukokuuta 2021 23.30.00 +0300
"""
NO_WORDS = """
import sys
sys.path[:0] = {places!r}
{request}
print(sorted(name for name in sys.modules if name.partition(".")[0] == "babel" or "rating.words" in name))
"""
FOR_LINES = """
import sys
sys.path.insert(0, {root!r})
from infra.local.system import System
from tests.doors.world import START, World
with System.start(seed="words", start_at=START) as system:
    world = World(system)
    partner, customer = world.partner(), world.customer()
    session = world.ride(customer, partner.bike(), partner, 3700)
    quoted = {{"code": partner.bike(), "need": {{"use_seconds": "3700"}}}}
    sent = {{"headers": {{"Accept-Language": "da"}}}}
    def ask(query):
        paths = [f"access-sessions/{{session}}", f"access-sessions/{{session}}/receipt", "statements/2021-05"]
        replies = [customer.get(f"/mobile/v1/{{path}}{{query}}", **sent) for path in paths]
        replies.append(customer.post(f"/mobile/v1/quotes{{query}}", quoted, key=None, **sent))
        return [reply.status for reply in replies]
    print(ask(""), "babel" in sys.modules)
    print(ask("?words=true"), "babel" in sys.modules)
"""


def run(program: str, *flags: str, settings: dict[str, str]) -> str:
    """What a new interpreter prints."""
    command = [sys.executable, *flags, "-c", program]
    done = subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the mobile package keeps of Babel, the time zones and chalicelib."""
    folder = tmp_path_factory.mktemp("mobile")
    for name in ("Babel", "tzdata"):
        installed = distribution(name)
        for file in installed.files or ():
            if ".." not in file.parts and keeps(file.as_posix(), door("mobile")):
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(installed.locate_file(file)), target)
    shutil.copytree(ROOT / "chalicelib", folder / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_pruned_package_writes_every_language_that_we_speak(pruned: Path) -> None:
    """
    In a new interpreter that finds nothing else, in Lambda's own TZ, which Babel reads when it is imported.
    """
    said = run(SAYS.format(folder=str(pruned)), "-I", "-S", "-B", settings={"TZ": ":UTC"})

    assert said == SAID


def test_a_pruned_babel_is_small_and_keeps_its_licences(pruned: Path) -> None:
    files = [path for path in (pruned / "babel").rglob("*") if path.is_file()]

    assert sum(path.stat().st_size for path in files) < 2_000_000
    assert len([path for path in files if path.suffix == ".dat"]) == 15
    assert (pruned / "babel" / "locale-data" / "LICENSE.unicode").exists()
    assert [path.name for path in pruned.glob("babel-*.dist-info/licenses/LICENSE")] == ["LICENSE"]


def test_only_doors_that_show_words_carry_babel() -> None:
    shows_words = {"mobile", "finance", "workers"}  # customers' bills; the report as a page, and as a workbook
    assert {each.name for each in DOORS if keeps("babel/numbers.py", each)} == shows_words
    assert {each.name for each in DOORS if keeps("babel/locale-data/da.dat", each)} == shows_words
    assert not any(keeps("babel/locale-data/fr.dat", each) for each in DOORS)


def test_only_workers_write_workbooks() -> None:
    assert {each.name for each in DOORS if keeps("xlsxwriter/workbook.py", each)} == {"workers"}


def test_a_first_request_without_a_wish_for_words_loads_none() -> None:
    """
    As in Lambda, in a new interpreter: no Babel, no sentences.
    """
    places = [str(ROOT / "functions" / "mobile"), str(ROOT)]
    with mobile_backend() as backend:
        settings = {**os.environ, **OF_A_FUNCTION, **backend}
        said = run(NO_WORDS.format(places=places, request=FIRST_REQUEST), "-B", settings=settings)

    assert said.splitlines()[-1] == "[]"


def test_lines_are_shown_without_babel_until_somebody_asks_for_words() -> None:
    """
    Cost, receipt, statement and quote in a new interpreter, by an app that accepts Danish; then with words.
    """
    said = run(FOR_LINES.format(root=str(ROOT)), "-B", settings=dict(os.environ))

    assert said.splitlines()[-2:] == ["[200, 200, 200, 200] False", "[200, 200, 200, 200] True"]
