"""Many entries at once, as JSON or CSV: each row is stored or refused by itself, and sending again is safe."""

import csv
import io
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import Reply, done, refused
from tests.doors.test_catalogue import ASSET, PLACE, PRODUCT
from tests.doors.world import Partner, World

CSV = "text/csv"
PLACES = """place_id,name,latitude,longitude,capacity,hours.mon,hours.fri,hours.special
norreport,"Nørreport, ""St."" 2",55.6836,12.5716,12,08:00-12:00;13:00-18:00,20:00-03:00,"[{""on"": ""12-24""}]"
plain,Plain,55.7,12.6,,,,
"""


@pytest.fixture(scope="module")
def partner(world: World) -> Partner:
    partner = world.partner("Importer")
    done(partner.put("/partner/v1/products/bike", CITY_BIKE))
    return partner


def send(partner: Partner, kind: str, text: str | bytes, media_type: str = CSV) -> Reply:
    raw = text if isinstance(text, bytes) else text.encode()
    return partner.put(f"/partner/v1/{kind}", raw=raw, media_type=media_type)


def report(reply: Reply) -> list[tuple[str, str, str | None]]:
    """Id, outcome and pointer of each row; the rows are numbered from 0."""
    rows = done(reply)["rows"]
    assert [each["row"] for each in rows] == list(range(len(rows)))
    return [(each["id"], each["outcome"], each.get("refused", {}).get("pointer")) for each in rows]


def written(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("media_type", [CSV, "Text/CSV; charset=UTF-8", 'text/csv; charset="utf-8"; header=present'])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_places_come_as_csv_with_or_without_a_byte_order_mark(partner: Partner, media_type: str, start: bytes) -> None:
    reply = send(partner, "places", start + PLACES.encode(), media_type)

    assert report(reply) == [("norreport", "stored", None), ("plain", "stored", None)]
    found = partner.read("/partner/v1/places/norreport")
    assert (found["name"], found["capacity"]) == ('Nørreport, "St." 2', 12)
    assert (found["hours"]["mon"], found["hours"]["fri"]) == (["08:00-12:00", "13:00-18:00"], ["20:00-03:00"])
    assert found["hours"]["special"] == [{"on": "12-24", "spans": [], "name": ""}]
    assert partner.read("/partner/v1/places/plain")["hours"] is None


def test_products_come_as_csv_with_all_that_they_say(partner: Partner) -> None:
    row = {
        "product_id": "cargo",
        "name": "Ladcykel",
        "category": "bikes",
        "zone": "Europe/Copenhagen",
        "kind": "physical",
        "owning.purchase_price": "899.00",
        "owning.life_days": "1825",
        "owning.worth_after": "100.00",
        "owning.upkeep_per_year": "60.00",
        "ceiling.upkeep_per_month": "2.50",
        "seller.legal_name": "Cykler ApS",
        "seller.country": "DK",
        "seller.vat_number": "DK12345678",
        "terms.version": "2021-05",
        "terms.texts.da": "https://example.com/da",
        "terms.texts.en": "Bring it back.",
        "pictures": '[{"url": "https://example.com/1.jpg", "alt": "En ladcykel"}]',
        "data_card": '[{"what": "position", "why": "finds it", "kept_days": 30}]',
        "policy.use_signals": "unlocked; moving",
        "policy.rest_signals": "locked",
        "policy.return_signals": "docked",
        "policy.silence_s": "900",
        "policy.grace_s": "120",
        "policy.unused": "released",
        "policy.free_reservation_s": "600",
        "policy.priced_reservation_s": "1200",
        "policy.booking.buffer_s": "900",
        "policy.booking.ahead_s": "86400",
        "policy.booking.longest_s": "7200",
        "policy.booking.free_cancellation_s": "600",
        "policy.booking.no_show_s": "1200",
        "policy.offline": "allow",
        "policy.position_kept_s": "86400",
        "policy.streams": "3",
        "policy.requires": "identity; age:18; driving_licence:B",
        "policy.consents": "position:2021-05",
        "policy.hold.share": "0.25",
        "policy.fault_credit.of": "charge",
        "policy.fault_credit.percent": "50",
        "tax.code": "txcd_20030000",
        "tax.supplied": "disposal",
        "tax.country": "DK",
        "tax.postal_code": "2200",
    }
    assert report(send(partner, "products", written([row]))) == [("cargo", "stored", None)]

    own = {"tariff_version": 0, "fares": {}, "members_fares": [], "product_id": "cargo"}
    assert partner.read("/partner/v1/products/cargo") == {**PRODUCT, **own}


def test_assets_come_as_csv_with_all_that_they_say(partner: Partner) -> None:
    done(partner.put("/partner/v1/places/norreport", PLACE))
    row = {
        "asset_id": "cargo-1",
        "product_id": "bike",
        "code": "CSV-0001",
        "place_id": "norreport",
        "capacity": "unlimited",
        "retired": "false",
        "device_id": "lock:1",
        "capabilities.child_seat": "yes",
        "capabilities.gears": "8",
        "condition.state": "worn",
        "condition.note": "a scratch",
        "odometer.reading": "1234.5",
        "odometer.unit": "km",
        "accessibility": "low_entry",
        "in_service_from": "2020-02-29",
    }
    assert report(send(partner, "assets", written([row]))) == [("cargo-1", "stored", None)]

    said = {**ASSET, "product_id": "bike", "code": "CSV-0001", "asset_id": "cargo-1"}
    assert partner.read("/partner/v1/assets/cargo-1") == said


def test_a_day_that_is_none_is_refused_in_its_row(partner: Partner) -> None:
    days = ("2021-05-01", "", "2021-02-29", "1899-12-31", "01.05.2021", "2021-W18-6", "20210501")
    lines = ["asset_id,product_id,code,in_service_from"]
    lines += [f"day-{number},bike,DAY-000{number},{day}" for number, day in enumerate(days)]
    found = report(send(partner, "assets", "\n".join(lines)))

    assert [each[1:] for each in found] == [("stored", None)] * 2 + [("refused", "/in_service_from")] * 5
    assert partner.read("/partner/v1/assets/day-0")["in_service_from"] == "2021-05-01"


def test_a_bad_row_of_csv_stops_no_other_and_its_field_is_pointed_at(partner: Partner) -> None:
    lines = [
        "asset_id,product_id,code,capacity,retired,odometer.reading,odometer.unit,condition",
        "good-1,bike,ROW-GOOD-1,3,true,12.5,km,",
        "bad-1,bike,row bad,,,,,",
        "bad-2,none,ROW-BAD-2,,,,,",
        "bad-3,bike,ROW-BAD-3,many,,,,",
        "bad-4,bike,ROW-BAD-4,,perhaps,,,",
        "bad-5,bike,ROW-BAD-5,,,x,km,",
        "bad-6,bike,ROW-BAD-6,,,1,,",
        "bad-7,bike,ROW-GOOD-1,,,,,",
        "bad-8,bike,ROW-BAD-8",
        "bad-9,bike,ROW-BAD-9,,,,,{",
        'bad-10,bike,ROW-BAD-10,,,,,"{""state"": ""new""}"',
        ",bike,ROW-BAD-11,,,,,",
        "good-2,bike,ROW-GOOD-2,,,,,",
    ]
    found = report(send(partner, "assets", "\n".join(lines)))

    assert [each[1] for each in found] == ["stored", *["refused"] * 11, "stored"]
    pointers = [each[2] for each in found if each[1] == "refused"]
    assert pointers[:6] == ["/code", "/product_id", "/capacity", "/retired", "/odometer/reading", "/odometer"]
    assert pointers[6:] == ["/code", "", "/condition", "/condition/state", ""]
    shown = partner.read("/partner/v1/assets/good-1")
    assert (shown["capacity"], shown["retired"], shown["odometer"]) == (3, True, {"reading": "12.5", "unit": "km"})
    assert [partner.get(f"/partner/v1/assets/bad-{number}").status for number in range(1, 11)] == [404] * 10


@pytest.mark.parametrize(
    ("text", "status", "code", "pointer"),
    [
        ("place_id,name,latitude,longitude,size\np,P,1,1,9\n", 422, "body_invalid", "/size"),
        ("place_id,name,latitude,longitude,hours.weekday\np,P,1,1,9\n", 422, "body_invalid", "/hours.weekday"),
        ("place_id,name,name\np,P,P\n", 422, "body_invalid", "/name"),
        ("place_id,name,hours,hours.mon\np,P,,\n", 422, "body_invalid", "/hours"),
        ("name,latitude,longitude\nP,1,1\n", 422, "body_invalid", "/place_id"),
        ("place_id;name;latitude\np;P;1\n", 422, "body_invalid", "/place_id"),
        ("place_id,name,latitude,longitude\n", 422, "body_invalid", "/places"),
        ("", 422, "body_invalid", "/places"),
        ('place_id,name\np,"P\n', 400, "malformed", None),
        ('place_id,name\np,"P"x\n', 400, "malformed", None),
        (b"place_id,name\np,\xff\n", 400, "malformed", None),
        ("place_id,name\n" + "p,P\n" * 501, 422, "body_invalid", "/places"),
        ("place_id,name\np," + "P" * 1_100_000, 413, "body_too_large", None),
        ("place_id,name\np," + "P" * 200_000, 400, "malformed", None),
    ],
)
def test_csv_that_cannot_be_read_is_refused_whole(
    partner: Partner, text: str | bytes, status: int, code: str, pointer: str | None
) -> None:
    refused(send(partner, "places", text), status, code, pointer)
    assert partner.get("/partner/v1/places/p").status == 404


def test_csv_of_another_charset_is_not_read(partner: Partner) -> None:
    refused(send(partner, "places", PLACES, "text/csv; charset=iso-8859-1"), 415, "unsupported_media_type")
    refused(send(partner, "places/norreport", PLACES), 415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["places", "products", "assets"])
def test_a_row_of_json_that_cannot_be_read_stops_no_other(partner: Partner, kind: str) -> None:
    whole: dict[str, dict[str, Any]] = {
        "places": PLACE,
        "products": PRODUCT,
        "assets": {"product_id": "bike", "code": "JSON-ROW-1"},
    }
    id_field = f"{kind[:-1]}_id"
    good = {**whole[kind], id_field: "json-good"}
    rows = [{**good, "size": 1, id_field: "json-bad"}, [], {**good, id_field: 7}, good]

    assert report(partner.put(f"/partner/v1/{kind}", {kind: rows})) == [
        ("json-bad", "refused", "/size"),
        ("", "refused", ""),
        ("", "refused", f"/{id_field}"),
        ("json-good", "stored", None),
    ]
    assert partner.get(f"/partner/v1/{kind}/json-bad").status == 404


def test_an_import_that_is_sent_again_changes_nothing(partner: Partner) -> None:
    first = report(send(partner, "places", PLACES.replace("norreport", "again")))
    again = report(send(partner, "places", PLACES.replace("norreport", "again")))

    assert first == again
    (only,) = partner.read("/partner/v1/places/again/history")["items"]
    assert only["revision"] == 1
