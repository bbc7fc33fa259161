"""Closing a month from the terminal: ask for it, and follow it until it is closed."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from infra.local.client import Client, every

_PAUSE_SECONDS = 2.0
Say = Callable[[str], object]


def add_arguments(acts: Any) -> None:  # noqa: ANN401 -- argparse names no type for it
    """The commands about closes."""
    close = acts.add_parser("close", help="close a month that is over; of one that got stuck, send the rest again")
    close.add_argument("--month", required=True, help="as in 2021-05")
    close.add_argument("--watch", action="store_true", help="say how far it is until it is closed")
    reopen = acts.add_parser("reopen", help="settle a closed month anew, as a restatement beside what was closed")
    reopen.add_argument("--month", required=True)
    reopen.add_argument("--note", required=True, help="why; kept with the decision")
    reopen.add_argument("--watch", action="store_true")
    failed = acts.add_parser("failed", help="the accounts that a close could not settle, with the reasons' codes")
    failed.add_argument("--month", required=True)
    again = acts.add_parser("settle-again", help="settle an account that a close could not settle")
    again.add_argument("--month", required=True)
    again.add_argument("--account", required=True)


def close_act(finance: Client, given: argparse.Namespace) -> object:
    """Do what one of these commands asks for."""
    path = f"/v1/closes/{given.month}"
    if given.act == "failed":
        return every(finance, f"{path}/failed")
    if given.act == "settle-again":
        return finance.post(f"{path}/failed/{given.account}/again")
    if given.act == "reopen":
        asked = finance.post(f"{path}/reopening", {"note": given.note})
    else:
        asked = finance.post("/v1/closes", {"month": given.month})
    return watch(finance, given.month) if given.watch else asked


def watch(
    finance: Client, month: str, say: Say = lambda line: print(line, file=sys.stderr), pause: float = _PAUSE_SECONDS
) -> Any:  # noqa: ANN401 -- JSON
    """Say each change of how far the close is; how it is when the month is closed."""
    before = ""
    while True:
        shown = finance.get(f"/v1/closes/{month}")
        line = progress_line(shown)
        if line != before:
            say(line)
            before = line
        if shown["state"] == "closed":
            return shown
        time.sleep(pause)


def progress_line(shown: dict[str, Any]) -> str:
    """How far a close is, in one line."""
    version = f" (restatement {shown['version']})" if shown["version"] > 1 else ""
    pages = f"{shown['pages_done']} of {shown['pages'] if shown['pages'] is not None else '?'} pages"
    counts = f"{shown['accounts_done']} done, {shown['accounts_parked']} parked, {shown['accounts_failed']} failed"
    amounts = ", ".join(f"{minor} {currency}" for currency, minor in sorted(shown["invoiced_minor"].items()))
    how = f"{shown['month']}{version} {shown['state']}: {pages}; accounts: {counts}"
    return f"{how}; invoiced, in minor units: {amounts or 0}"
