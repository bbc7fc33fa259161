"""What was written once is never written over, also once finance's table was restored to before it was asked for."""

from datetime import UTC, datetime

from tests.doors.callers import done, refused
from tests.doors.test_exported_files import bytes_of, names_in
from tests.doors.world import Partner, World

EXPORTS = "/finance/v1/exports"
FINANCE = "adgang-local-finance"


def forget(world: World, version: int) -> None:
    """As the table is where it was restored to before the version was asked for."""
    dynamodb = world.system.engine.client("dynamodb")
    for item in dynamodb.scan(TableName=FINANCE)["Items"]:
        key = {name: item[name] for name in ("pk", "sk")}
        if f"2021-05#{version:06d}" in key["pk"]["S"] + "#" + key["sk"]["S"]:
            dynamodb.delete_item(TableName=FINANCE, Key=key)


def ask(world: World) -> int:
    version = int(done(world.finance.post(EXPORTS, {"month": "2021-05"}))["version"])
    world.settle()
    return version


def test_a_number_that_the_bucket_has_is_refused_until_one_is_free(world: World, partner: Partner) -> None:
    """
    Versions 2 and 3 were written and downloaded. The table is restored to before both, and more was told since.
    """
    rider = world.customer()
    session = world.ride(rider, partner.bike(), partner, 1700)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    assert [ask(world), ask(world)] == [2, 3]
    written = {(each, name): bytes_of(world, "2021-05", each, name) for each in (2, 3) for name in all_of(world, each)}
    for version in (2, 3):
        forget(world, version)
    partner.report(world.used(session, 250, time="2021-05-10T09:20:00Z"))
    world.later(hours=1)

    assert [ask(world), ask(world), ask(world)] == [2, 3, 4]
    shown = {each["version"]: each for each in world.finance.read(f"{EXPORTS}/2021-05")}
    assert [shown[version]["state"] for version in (1, 2, 3, 4)] == ["ready", "refused", "refused", "ready"]
    assert shown[2]["refused"]["code"] == "version_taken"
    refused(world.finance.get(f"{EXPORTS}/2021-05/2/manifest.json"), 409, "export_refused")
    s3, wired = world.system.engine.client("s3"), world.system.doors["workers"].functions["outbox"].module.wired
    bucket = wired.settings.required("EXPORTS_BUCKET")
    for (version, name), content in written.items():
        key = f"exports/2021-05/v{version}/{name}"
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == content
        kept = s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
        assert len(kept) == 1


def all_of(world: World, version: int) -> list[str]:
    return [*names_in(world, "2021-05", version), "manifest.json"]
