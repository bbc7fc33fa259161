"""What workers do may be delivered twice; a batch goes on from the first record that failed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import cast

import pytest

from chalicelib.dialogue.model import Notice
from chalicelib.edge.reacting import TOPICS, each_of, react_to_all
from chalicelib.edge.reacting_customers import tell
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.workers import log_failure
from chalicelib.kernel.errors import Conflict
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 6, 1, 5, tzinfo=UTC)
FACTS = {
    "account_id": "acc-1",
    "about": "acc-1:2021-05:1",
    "code": "payment_failed",
    "told_at": "2021-06-01T05:00:00.000000Z",
    "amount": "9.50 EUR",
}


class Feed:
    """Satisfies what telling needs of `dialogue.ports.Notices`: the same key replaces."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, datetime, str], Notice] = {}

    def telling(self, notice: Notice) -> InMemory:
        key = (notice.about, notice.told_at, notice.code)
        return write(Conflict(), lambda: self.kept.update({key: notice}))


def test_a_notice_that_is_delivered_again_later_is_told_once() -> None:
    feed = Feed()
    for hours in (0, 1, 30):
        wired = SimpleNamespace(notices=feed, commit=Commits(), now=lambda hours=hours: NOW + timedelta(hours=hours))
        tell(FACTS, cast("BackOffice", wired))

    assert list(feed.kept.values()) == [
        Notice("acc-1", "acc-1:2021-05:1", "payment_failed", {"amount": "9.50 EUR"}, NOW)
    ]


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_batch_is_done_in_order_up_to_the_first_that_fails_which_comes_again(bad: int) -> None:
    done: list[int] = []
    failed: list[str] = []

    def do(record: int) -> None:
        if record == bad:
            raise Conflict
        done.append(record)

    answer = each_of([(f"seq-{each}", each) for each in range(3)], do, lambda name, _error: failed.append(name))

    assert answer == {"batchItemFailures": [{"itemIdentifier": f"seq-{bad}"}]}
    assert done == list(range(bad))
    assert failed == [f"seq-{bad}"]


def test_a_batch_without_trouble_has_no_failures() -> None:
    assert each_of([("seq-1", 1)], lambda _record: None, lambda _name, _error: None) == {"batchItemFailures": []}


def test_of_messages_in_one_item_those_that_fail_stop_no_other_and_each_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The record comes again: `test_a_batch_is_done_in_order_up_to_the_first_that_fails_which_comes_again`."""
    done: list[str] = []

    def do(facts: Mapping[str, str], _wired: BackOffice) -> None:
        if facts["about"] == "b":
            raise Conflict
        if facts["about"] == "c":
            raise ValueError("what no log may hold")
        done.append(facts["about"])

    monkeypatch.setitem(TOPICS.data, "pay", do)
    several = [{"about": each} for each in "abcd"]
    answer = each_of(
        [("seq-1", several)],
        lambda facts: react_to_all("pay", facts, cast("BackOffice", None)),
        partial(log_failure, "outbox"),
    )

    assert answer == {"batchItemFailures": [{"itemIdentifier": "seq-1"}]}
    assert done == ["a", "d"]
    logged = [json.loads(each.message) for each in caplog.records]
    assert [(each["record"], each["error"]) for each in logged] == [("seq-1", "Conflict"), ("seq-1", "ValueError")]
    assert all("test_reacting.py" in each["at"] for each in logged)
    assert "no log may hold" not in caplog.text
