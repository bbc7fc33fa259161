"""What the tests' processes share: no file is rewritten twice, and each is rewritten as pytest itself does."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.assertion.rewrite import PYC_TAIL, _read_pyc, get_cache_dir

from tests.once import part_of, rewrite

ROOT = Path(__file__).resolve().parents[2]


def _config(number: int | None, *args: str) -> Any:  # noqa: ANN401 -- as much of pytest's as is asked for
    told = {} if number is None else {"workerinput": {"workerid": f"gw{number}", "workercount": 2}}
    return SimpleNamespace(args=args, invocation_params=SimpleNamespace(dir=ROOT), **told)


def test_each_process_has_its_part_of_what_is_asked_for() -> None:
    parts = [part_of(_config(number, "tests/unit/local", "tests/doors/test_usage.py::test_any")) for number in (0, 1)]

    files = {*(ROOT / "tests/unit/local").glob("test_*.py"), ROOT / "tests/doors/test_usage.py"}
    assert sorted(parts[0] + parts[1]) == sorted(files)
    assert abs(len(parts[0]) - len(parts[1])) <= 1
    assert part_of(_config(None, "tests")) == []


def test_what_is_rewritten_is_what_pytest_reads_and_is_not_rewritten_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "bytecode"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "test_any.py"
    file.write_text("def test_any():\n    assert 1 == 2\n", encoding="utf-8")

    assert [rewrite(pytestconfig, [file]) for _ in range(2)] == [1, 0]
    kept = _read_pyc(file, get_cache_dir(file) / f"test_any{PYC_TAIL}")
    assert kept is not None
    assert "@pytest_ar" in kept.co_names


def test_where_no_bytecode_is_written_nothing_is_rewritten_ahead(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))

    assert rewrite(pytestconfig, [Path(__file__)]) == 0
    assert [*tmp_path.iterdir()] == []
