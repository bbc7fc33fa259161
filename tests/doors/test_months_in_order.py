"""Monitors go on from month to month, so no month is exported before the one that it goes on from."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.storage.objects import Bucket
from tests.doors.callers import done
from tests.doors.test_wallet import topped_up
from tests.doors.world import Partner, World


def told(world: World, month: str) -> tuple[str, int, str]:
    """The customer's stage, how many months they have used, and what is left in wallets."""
    values = world.finance.read(f"/finance/v1/customer-values/{month}?words=false")["items"]
    (value,) = (each for each in values if each["key"])
    (wallet,) = world.finance.read(f"/finance/v1/recognition/{month}?by=wallet&words=false")["items"]
    figures = value["figures"]["months_used"]["now"], wallet["figures"]["closing"]["now"]
    return value["about"]["stage"], *figures


def test_a_month_waits_for_the_export_of_the_one_before_and_is_written_once_that_is(
    world: World, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    In May a customer puts 20.00 into the wallet and rides for 0.50, and so in June; each is paid for a month later. The
    bucket refuses May's export, so June's is refused with that reason. When May's is asked for again and written,
    June's is written too.
    """
    rider = world.customer()
    topped_up(world, rider, "20.00")
    world.ride(rider, partner.bike(), partner, 60)
    plain = Bucket.ask

    def ask(self: Bucket, operation: str, **request: Any) -> Any:  # noqa: ANN401 -- boto3's
        if operation == "put_object" and "exports/2021-05/v1" in request["Key"]:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
        return plain(self, operation, **request)

    with monkeypatch.context() as broken:
        broken.setattr(Bucket, "ask", ask)
        world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    world.ride(rider, partner.bike(), partner, 60)
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    (june,) = world.finance.read("/finance/v1/exports/2021-06")
    assert (june["state"], june["refused"]["code"]) == ("refused", "month_before_not_exported")

    done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
    world.settle()
    assert [each["state"] for each in world.finance.read("/finance/v1/exports/2021-06")] == ["refused", "ready"]
    assert told(world, "2021-06") == ("active", 2, "19.50")

    world.ride(rider, partner.bike(), partner, 60)
    world.until(datetime(2021, 8, 1, 12, tzinfo=UTC))
    assert told(world, "2021-07") == ("active", 3, "19.00")
