"""What the close's queue carries is read as what it asks for."""

import json
from datetime import UTC, datetime

from chalicelib.edge.queued import queued
from chalicelib.finance.closes_model import Sent
from chalicelib.finance.parts_model import Task
from chalicelib.finance.reconciliation_model import Run
from chalicelib.kernel.time import Month

MAY = Month(2021, 5)


def record(body: dict[str, object]) -> dict[str, object]:
    return {"messageId": "m-1", "body": json.dumps(body), "attributes": {"ApproximateReceiveCount": "2"}}


def test_pages_tasks_of_exports_and_runs_of_reconciling_come_by_one_queue() -> None:
    bodies = [
        {"month": "2021-05", "page": 3, "accounts": ["acc-1"], "version": 2},
        {"month": "2021-05", "export": 4, "part": 7},
        {"month": "2021-05", "export": 4, "part": None},
        {"month": "2021-05", "reconcile": "2021-06-01T06:00:00.000000Z"},
    ]
    found = [asked for _, asked in queued({"Records": [record(each) for each in bodies]})]

    assert found == [
        (Sent(MAY, 3, ("acc-1",), 2), 2),
        Task(MAY, 4, 7),
        Task(MAY, 4),
        Run(MAY, datetime(2021, 6, 1, 6, tzinfo=UTC)),
    ]
