"""What becomes of exports beside being downloaded: one that is refused half-way, and partners' own files."""

import pytest

from chalicelib.finance.parts_store import PartStore
from chalicelib.kernel.time import Month
from infra.local.demo import Demo
from infra.local.system import System

EXPORTS = "/finance/v1/exports"


def exports_are_looked_at(system: System, demo: Demo) -> None:
    """A mapping that knows revenue alone lets the export break off when parts of it are sent; then it is mended."""
    finance = demo.finance
    system.drain()  # what others have asked for is not to be broken off
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chalicelib.finance.packing.PART", 10)
        patched.setattr("chalicelib.finance.chart.DEFAULT", {"revenue": "4400"})
        finance.post(EXPORTS, {"month": "2021-05"})
        system.drain()
    refused = finance.get(f"{EXPORTS}/2021-05")[-1]
    assert (refused["state"], refused["refused"]["code"]) == ("refused", "unmapped_account")
    assert finance.get("/finance/v1/notices?limit=1")["items"][0]["code"] == "export_refused"

    finance.post(EXPORTS, {"month": "2021-05"})
    system.drain()
    newest = finance.get(f"{EXPORTS}/2021-05")[-1]
    assert (newest["state"], newest["version"]) == ("ready", refused["version"] + 1)
    where = f"{EXPORTS}/2021-05/{newest['version']}/partners"
    name = finance.get(where)["items"][0]["name"].partition("/")[2]
    assert finance.get(f"{where}/{name}")["href"]
    one_is_written_in_parts(system, demo)


def one_is_written_in_parts(system: System, demo: Demo) -> None:
    """A part an account, and one a turn: written as one worker writes it, then refused where they are put together."""
    finance, month = demo.finance, "2021-06"
    finance.post(EXPORTS, {"month": month})
    system.drain()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chalicelib.finance.parts_model.ACCOUNTS_A_PART", 1)
        for module in ("parts_model", "parting"):
            patched.setattr(f"chalicelib.finance.{module}.PARTS_A_TURN", 1)
        finance.post(EXPORTS, {"month": month})
        system.drain()
        patched.setattr("chalicelib.finance.packing.PART", 10)
        patched.setattr("chalicelib.finance.chart.DEFAULT", {"revenue": "4400"})
        finance.post(EXPORTS, {"month": month})
        system.drain()
    *_, by_one, in_parts, refused = finance.get(f"{EXPORTS}/{month}")
    for each in (in_parts, refused):
        plan = PartStore().plan(Month.parse(month), each["version"])
        assert plan is not None
        assert plan.parts == plan.done
        assert plan.done > 1
    assert refused["state"] == "refused"
    assert {each["name"]: each["rows"] for each in in_parts["files"]} == {
        each["name"]: each["rows"] for each in by_one["files"]
    }
