"""The four real packages. Slow (it packs all twice, some minutes), so it runs with the benchmarks: `make bench`."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.doors import DOORS, Door
from infra.package import package
from tests.benchmarks.imports import SETTINGS

pytestmark = pytest.mark.bench
ALL = """
import sys
sys.path.insert(0, sys.argv[1])
import app
from chalicelib.edge.places import written_places
routes = [app.app.routes[path][method] for path, methods in written_places()["routes"].items() for method in methods]
topics = written_places()["topics"]
if topics:
    from chalicelib.edge.reacting import TOPICS
    topics = [TOPICS[topic] for topic in topics]
modules = [module for name, module in [*sys.modules.items()] if name.startswith("chalicelib.")]
print(len(routes) + len(topics), len([vars(module) and module.__doc__ for module in modules]))
"""
"""All of a door's routes and topics, with what is loaded late for them, from nothing but its package."""
MEGABYTE = 1_000_000


@pytest.mark.parametrize("door", DOORS, ids=[each.name for each in DOORS])
def test_packing_a_door_again_gives_the_same_bytes(door: Door, tmp_path: Path) -> None:
    """
    A zip stays within 18 MB (of the workers, for whom nobody waits: 20), holds no tests and no stale bytecode, is the
    same each time, and has all that the door's routes and topics load, the late ones too.
    """
    made = package(door, tmp_path / "package")
    first = hashlib.sha256(made.read_bytes()).hexdigest()
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()

    again = hashlib.sha256(package(door, tmp_path / "package").read_bytes()).hexdigest()

    assert again == first
    assert made.stat().st_size <= (20 if door.name == "workers" else 18) * MEGABYTE
    assert {"app.py", "places.json"} <= set(names)
    assert [name for name in names if name.endswith(".py") and name.startswith("tests/")] == []
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path / "unpacked")
    command = [sys.executable, "-I", "-S", "-B", "-c", ALL, str(tmp_path / "unpacked")]
    done = subprocess.run(command, env=SETTINGS, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    done_by, loaded = map(int, done.stdout.split())
    assert min(done_by, loaded) > len(DOORS)
