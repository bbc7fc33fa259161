"""The demo's two months, reconciled: by how many cents its books and Stripe's differ that no listed cause explains."""

import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from infra.local.__main__ import SEED
from infra.local.client import Client
from infra.local.demo import BEGIN, Demo
from infra.local.system import System
from tests.benchmarks import Exactly, Figures, Targets

TARGETS: Targets = {"finance.reconciliation_cents_off": Exactly(0)}
MONTHS = ("2021-05", "2021-06")


def cents(amount: str) -> int:
    """Of an amount with two decimals."""
    return int(amount.replace(".", ""))


def every_page(finance: Client, month: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The newest run of a month, with all of its differences."""
    path, items = f"/finance/v1/reconciliation/{month}?limit=200", []
    shown = finance.get(path)
    items += shown["items"]
    while shown["next"]:
        shown = finance.get(f"{path}&after={shown['next'].replace('#', '%23')}")
        items += shown["items"]
    return shown, items


def off(shown: dict[str, Any], items: list[dict[str, Any]]) -> int:
    """Cents that are unknown, and those by which the listed ones miss the difference of their stage."""
    unknown = sum(abs(cents(each["amount"])) for each in items if each["cause"] == "unknown")
    for stage in shown["stages"]:
        listed = (each["amount"] for each in items if each["stage"] == stage["stage"])
        unknown += abs(cents(stage["difference"]) - sum(map(cents, listed)))
    return unknown


def reconciled(system: System, finance: Client) -> tuple[int, int]:
    """How many cents are off in both months, and how many differences have a cause."""
    finance.post("/finance/v1/comparisons")
    system.drain()
    total = explained = 0
    for month in MONTHS:
        finance.post("/finance/v1/reconciliations", {"month": month})
        system.drain()
        shown, items = every_page(finance, month)
        assert shown["state"] == "done", shown
        total, explained = total + off(shown, items), explained + len(items)
    return total, explained


def figures() -> Figures:
    """One demo, and a run for each of its months."""
    with (
        tempfile.TemporaryDirectory() as out,
        System.start(port=0, seed=SEED, start_at=BEGIN) as system,
        closing(Demo(system.address, Path(out), say=lambda _line: None)) as demo,
    ):
        demo.run()
        cents_off, explained = reconciled(system, demo.finance)
    return {"finance.reconciliation_cents_off": float(cents_off), "finance.differences_explained": float(explained)}
