"""A version that is written late, or again, shows the month as it stood when it was asked for."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.edge.reacting_exports import export
from chalicelib.storage.objects import Bucket
from tests.doors.callers import done
from tests.doors.test_exported_files import bytes_of, rows
from tests.doors.world import Partner, World

EXPORTS = "/finance/v1/exports"


def unreachable(plain: Any, version: int) -> Any:  # noqa: ANN401 -- as boto3's call
    """A bucket that takes no file of that version."""

    def ask(self: Bucket, operation: str, **request: Any) -> Any:  # noqa: ANN401 -- as boto3's call
        if operation == "put_object" and f"/v{version}/" in request["Key"]:
            raise OSError("the bucket cannot be reached")
        return plain(self, operation, **request)

    return ask


def test_a_version_that_is_written_after_a_restatement_shows_the_instant_at_which_it_was_asked_for(
    world: World, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Versions 2 and 3 are asked for at once; the worker of version 2 could not reach the bucket. Meanwhile more was told
    of the ride, and the month was opened again, which is version 4; then the failed message is sent once more.
    """
    rider = world.customer()
    session = world.ride(rider, partner.bike(), partner, 1700)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    with monkeypatch.context() as broken:
        broken.setattr(Bucket, "ask", unreachable(Bucket.ask, 2))
        asked = [done(world.finance.post(EXPORTS, {"month": "2021-05"}))["version"] for _ in range(2)]
        world.settle()
    assert asked == [2, 3]
    assert world.finance.read(f"{EXPORTS}/2021-05")[1]["state"] == "being_written"
    world.later(hours=1)
    (answer,) = partner.report(world.used(session, 250, time="2021-05-10T09:20:00Z"))
    assert answer["outcome"] == "late"
    world.settle()
    done(world.finance.post("/finance/v1/closes/2021-05/reopening", {"note": "told in June"}))
    world.settle()
    export({"month": "2021-05", "version": "2"}, world.system.doors["workers"].functions["outbox"].module.wired)
    world.settle()

    shown = [(each["version"], each["state"], each["close"]) for each in world.finance.read(f"{EXPORTS}/2021-05")]
    assert shown == [(1, "ready", 1), (2, "ready", 1), (3, "ready", 1), (4, "ready", 2)]
    manifests = [json.loads(bytes_of(world, "2021-05", version, "manifest.json")) for version in (2, 3, 4)]
    assert not [each for manifest in manifests for each in manifest["ties"] if each["difference_minor"]]
    late, at_once, restated = ({each["name"]: each["sha256"] for each in manifest["files"]} for manifest in manifests)
    assert late == at_once != restated
    gross = [[row["gross"] for row in rows(world, "2021-05", "partners.csv.gz", version)] for version in (2, 3, 4)]
    assert gross == [["0.50"], ["0.50"], ["1.50"]]
