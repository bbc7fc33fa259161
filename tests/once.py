"""What each of the tests' processes would do for itself, done once: rewriting assertions, and looking for garbage.

pytest rewrites the assertions of each test file and keeps what comes of it beside the bytecode. Two processes that
begin together would both rewrite all of them, ten seconds each: each rewrites its part first.
"""

import gc
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import PYC_TAIL, _read_pyc, _rewrite_test, _write_pyc, get_cache_dir, try_makedirs
from _pytest.assertion.rewrite import assertstate_key as rewriting

YOUNG, MIDDLE, OLD = 10_000, 20, 8
"""Python's own are 700, 10 and 10, for programs that keep less: a sixth of the tests' time went there."""


def part_of(config: pytest.Config) -> list[Path]:
    """This process's part of the files that are asked for; nothing where it is alone: it rewrites them all anyway."""
    told = getattr(config, "workerinput", None)
    if told is None:
        return []
    asked = [config.invocation_params.dir / each.partition("::")[0] for each in config.args]
    files = sorted({file for each in asked for file in _files(each)})
    return files[int(told["workerid"].removeprefix("gw")) :: told["workercount"]]


def _files(asked: Path) -> Iterable[Path]:
    return asked.rglob("test_*.py") if asked.is_dir() else [asked]


def rewrite(config: pytest.Config, files: Iterable[Path]) -> int:
    """Rewrite and keep what nobody has; how many were."""
    return sum(_rewritten(config, file) for file in files if not sys.dont_write_bytecode)


def _rewritten(config: pytest.Config, file: Path) -> bool:
    folder = get_cache_dir(file)
    kept = folder / f"{file.stem}{PYC_TAIL}"
    if not try_makedirs(folder) or _read_pyc(file, kept) is not None:
        return False
    source, code = _rewrite_test(file, config)
    return _write_pyc(config.stash[rewriting], code, source, kept)


def collect_seldom() -> None:
    """What is there once the tests are collected stays to the end: it is looked at no more, and the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
