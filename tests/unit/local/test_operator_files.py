"""An operator's file is checked before anything is loaded, and each fault is told with its place in the file."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from infra.local.operators.errors import OperatorFileError
from infra.local.operators.reading import example, examples, operator_of, read_operator
from infra.local.operators.shapes import OperatorPart, PartnerPart, Setting

Json = Any


@pytest.fixture
def tools() -> Json:
    return json.loads(example("tools").read_text(encoding="utf-8"))


def faults(document: Json) -> list[tuple[str, str]]:
    with pytest.raises(OperatorFileError) as refused:
        operator_of(json.dumps(document).encode(), "mine.json")
    assert all(line.startswith("mine.json: ") for line in str(refused.value).splitlines())
    return [(each.pointer, each.reason) for each in refused.value.faults]


@pytest.mark.parametrize("operator", sorted(examples()))
def test_each_example_has_no_fault_and_goes_by_the_name_of_its_file(operator: str) -> None:
    assert read_operator(example(operator)).read.operator == operator


def test_there_are_five_examples_and_an_unknown_one_is_told_which() -> None:
    assert sorted(examples()) == ["bikes", "cars", "media", "tools", "washers"]
    with pytest.raises(OperatorFileError, match="bikes, cars, media, tools, washers"):
        example("boats")


DRILL = ("partners", "byg", "products", "drill")


def put(*steps: str | int) -> Callable[[Json, Json], None]:
    """Puts a value at a place of a document."""

    def change(document: Json, value: Json) -> None:
        for step in steps[:-1]:
            document = document[step]
        document[steps[-1]] = value

    return change


@pytest.mark.parametrize(
    ("place", "value", "pointer", "reason"),
    [
        (("partner",), {}, "/partner", "unknown field"),
        ((*DRILL, "policy", "silence"), 60, "/partners/byg/products/drill/policy/silence", "unknown field"),
        ((*DRILL, "policy", "silence_s"), "60", "/partners/byg/products/drill/policy/silence_s", "`int"),
        ((*DRILL, "policy", "silence_s"), 0, "/partners/byg/products/drill/policy/silence_s", "366 days"),
        ((*DRILL, "category"), "saws", "/partners/byg/products/drill/category", "no category 'saws'"),
        ((*DRILL, "owning", "upkeep_per_year"), "1.005", "/partners/byg/products/drill/owning/upkeep_per_year", ""),
        ((*DRILL, "tariff", "currency"), "EUR", "/partners/byg/products/drill/tariff/currency", "settle in DKK"),
        ((*DRILL, "tariff", "prices", 1, "kept"), "46", "/partners/byg/products/drill/tariff/prices/1/kept", "above"),
        (
            (*DRILL, "tariff", "prices", 2, "meter"),
            "x",
            "/partners/byg/products/drill/tariff/prices/2/meter",
            "unknown",
        ),
        ((*DRILL, "fares"), {"often": {"prices": []}}, "/partners/byg/products/drill/fares/often/currency", "missing"),
        (
            ("partners", "byg", "assets", "drill-1", "place_id"),
            "x",
            "/partners/byg/assets/drill-1/place_id",
            "no place",
        ),
        (("partners", "byg", "assets", "drill-1", "product_id"), "x", "/partners/byg/assets/drill-1/product_id", "no"),
        (("partners", "byg", "assets", "drill-1", "device_id"), "x", "/partners/byg/assets/drill-1/device_id", "no"),
        (("partners", "byg", "places", "refshale", "latitude"), "95", "/partners/byg/places/refshale/latitude", "90"),
        (("partners", "byg", "share", "percent"), "101", "/partners/byg/share/percent", ""),
        (("tax", 1, "product"), "byg:saw", "/tax/1", "a kind"),
        (("tax", 1), {"percent": "0", "product": "byg:saw"}, "/tax/1/product", "no product 'byg:saw'"),
        (("caps",), [{"id": "x", "period": "day", "amount": "1", "product": "a"}], "/caps/0/product", "no product 'a'"),
        (("categories", "drills", "parent"), "saws", "/categories/drills/parent", "no category 'saws'"),
        (("stage", "ADGANG_STAGE"), "live", "/stage", "Invalid enum value"),
    ],
)
def test_a_fault_is_told_with_its_place(
    tools: Json, place: tuple[str | int, ...], value: Json, pointer: str, reason: str
) -> None:
    put(*place)(tools, value)

    found = faults(tools)

    assert pointer in [each for each, _ in found]
    assert reason in dict(found)[pointer]


@pytest.mark.parametrize(
    ("place", "value", "pointer", "reason"),
    [
        (("terms_version",), "2022-01", "/plans/student/terms_version", "not_published"),
        (("names",), {"finnish": "Kausi"}, "/plans/student/names/finnish", "not_a_language"),
        (("fares",), {"hsl:scooter": "member"}, "/plans/student/fares/hsl:scooter", "unknown_product"),
        (("fares",), {"hsl:city-bike": "often"}, "/plans/student/fares/hsl:city-bike", "unknown_fare"),
        (("fee", "prices", 0, "charge_class"), "use", "/plans/student/fee/prices/0/charge_class", "ordered"),
        (("fee", "prices", 0, "kind"), "once", "/plans/student/fee/prices/0", ""),
        (("requires",), ["studies"], "/plans/student/requires/0", "not_a_requirement"),
        (("lasts",), {"days": 1}, "/plans/student/lasts", "goes_on_until_it_is_ended"),
        (("sleeps",), 7, "/plans/student/sleeps", "unknown field"),
    ],
)
def test_a_plans_fault_is_told_with_its_place(
    place: tuple[str | int, ...], value: Json, pointer: str, reason: str
) -> None:
    bikes = json.loads(example("bikes").read_text(encoding="utf-8"))
    put("plans", "student", *place)(bikes, value)

    assert any(at.startswith(pointer) and reason in told for at, told in faults(bikes))


def test_all_faults_are_told_at_once(tools: Json) -> None:
    drill = tools["partners"]["byg"]["products"]["drill"]
    drill["tariff"]["prices"][0]["amount"] = "-1"
    drill["tariff"]["prices"][1]["per"] = "year"
    tools["partners"]["byg"]["assets"]["grinder-1"]["code"] = "GRIND-02"

    assert [pointer for pointer, _ in faults(tools)] == [
        "/partners/byg/products/drill/tariff/prices/0/amount",
        "/partners/byg/products/drill/tariff/prices/1/per",
        "/partners/byg/assets/grinder-1/code",
        "/partners/byg/assets/grinder-2/code",
    ]


def test_what_is_no_json_is_told_in_one_line() -> None:
    with pytest.raises(OperatorFileError, match=r"^mine\.json: .*JSON"):
        operator_of(b"{", "mine.json")


def test_a_file_that_is_not_there_is_told_in_one_line() -> None:
    with pytest.raises(OperatorFileError, match="No such file"):
        read_operator(example("tools").parent / "none.json")


def test_reading_leaves_the_document_as_it_is(tools: Json) -> None:
    before = copy.deepcopy(tools)

    assert operator_of(json.dumps(tools).encode(), "mine.json").document == before


DOCUMENT = (Path(__file__).parents[3] / "docs/operators.md").read_text(encoding="utf-8")


def test_the_document_names_every_member_of_the_format_and_every_example_with_its_scenario() -> None:
    described = set(re.findall(r"^\| `([a-z]+)` \|", DOCUMENT, re.MULTILINE))

    assert described == set(OperatorPart.__struct_fields__) | set(PartnerPart.__struct_fields__)
    for operator in examples():
        assert f"infra/local/operators/{operator}.json" in DOCUMENT
        assert f"tests/scenarios/test_operator_{operator}.py" in DOCUMENT
    for setting in get_args(Setting):
        assert f"`{setting}`" in DOCUMENT
