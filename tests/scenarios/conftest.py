"""One run of the demo, looked at by many tests."""

import csv
import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local.__main__ import SEED
from infra.local.demo import BEGIN, Demo, Summary
from infra.local.system import System


@dataclass(frozen=True)
class Done:
    system: System
    demo: Demo
    summary: Summary
    out: Path

    def rows(self, month: str, name: str) -> list[dict[str, str]]:
        with gzip.open(self.out / "exports" / month / f"{name}.gz", "rt", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def ties(self, month: str) -> list[dict[str, int]]:
        document = json.loads((self.out / "exports" / month / "manifest.json").read_text(encoding="utf-8"))
        assert document["ties"]
        return list(document["ties"])

    def manifest(self, month: str) -> dict[str, dict[str, int]]:
        document = json.loads((self.out / "exports" / month / "manifest.json").read_text(encoding="utf-8"))
        return {each["name"].removesuffix(".gz"): each["totals_in_minor_units"] for each in document["files"]}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    """The whole demo, done once for a module, with the system still up (one process holds one system at a time)."""
    out = tmp_path_factory.mktemp("demo")
    with (
        System.start(port=0, seed=SEED, start_at=BEGIN) as system,
        closing(Demo(system.address, out, say=lambda _text: None)) as demo,
    ):
        yield Done(system, demo, demo.run(), out)
