"""The four real packages. Slow (it packs all twice, some minutes), so it runs with the benchmarks: `make bench`."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from infra.doors import DOORS, Door
from infra.package import package

pytestmark = pytest.mark.bench
MEGABYTE = 1_000_000


@pytest.mark.parametrize("door", DOORS, ids=[each.name for each in DOORS])
def test_packing_a_door_again_gives_the_same_bytes(door: Door, tmp_path: Path) -> None:
    """
    A zip stays within 18 MB (of the workers, for whom nobody waits: 20), holds no tests and no stale bytecode, and is
    the same each time.
    """
    made = package(door, tmp_path / "package")
    first = hashlib.sha256(made.read_bytes()).hexdigest()
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()

    again = hashlib.sha256(package(door, tmp_path / "package").read_bytes()).hexdigest()

    assert again == first
    assert made.stat().st_size <= (20 if door.name == "workers" else 18) * MEGABYTE
    assert "app.py" in names
    assert [name for name in names if name.endswith(".py") and name.startswith("tests/")] == []
