"""Every entry of an exported journal can be traced, partners' shares too, and everything it names as its source."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from tests.doors.callers import done, refused
from tests.doors.test_exported_files import rows
from tests.doors.test_partner_payouts import PAYOUT, URLS
from tests.doors.world import Partner, World

AGREED = {"percent": "70", "per_session": "0.10", "minimum": "2.00"}


@pytest.fixture(scope="module")
def month(world: World, partner: Partner) -> str:
    """June, in which a partner has a share with a minimum, and 1.00 is billed at its bikes. It is sent that in July."""
    done(world.finance.put(f"/finance/v1/partners/{partner.partner_id}/share/2021-06", AGREED))
    rider = world.customer()
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    world.stripe.onboard(done(partner.post(PAYOUT, URLS, key="open"))["account"])
    world.settle()
    other = world.partner("Others")
    world.ride(rider, partner.bike(), partner, 60)
    world.ride(world.customer(), other.bike(), other, 6000)
    world.until(datetime(2021, 8, 1, 12, tzinfo=UTC))
    return "2021-06"


def hops(world: World, name: str) -> list[dict[str, Any]]:
    return list(world.finance.read(f"/finance/v1/trace?id={quote(name, safe='')}")["hops"])


def status(world: World, name: str) -> int:
    return world.finance.get(f"/finance/v1/trace?id={quote(name, safe='')}").status


def test_each_entry_of_the_journal_and_each_source_of_a_posting_can_be_traced(world: World, month: str) -> None:
    found = [*rows(world, month, "journal.csv.gz"), *rows(world, "2021-07", "journal.csv.gz")]
    names = sorted({each[column] for each in found for column in ("reference", "source")})
    kinds = {each.partition(":")[0] for each in names}
    assert {"settlement", "payment", "share", "transfer", "proof", "invoice", "payout"} <= kinds

    assert {name: status(world, name) for name in names} == dict.fromkeys(names, 200)


def test_a_partners_month_its_proof_its_posting_and_what_was_sent_of_it_lead_to_each_other(
    world: World, partner: Partner, month: str
) -> None:
    """The share is 0.80, of which the bill made so much payable; the minimum adds what is missing to 2.00."""
    statement, posted = f"statement:{partner.partner_id}:{month}", f"share:{partner.partner_id}:{month}:1"
    whole = hops(world, statement)
    ids = {each["kind"]: each["id"] for each in whole}
    assert (ids["statement"], ids["proof"]) == (statement, f"proof:{partner.partner_id}:1")
    assert posted in {each["id"] for each in whole if each["kind"] == "journal"}
    assert ids["transfer"].replace("payout", "transfer") in {each["id"] for each in whole}

    for name in (posted, ids["proof"], f"{ids['proof']}#/lines/0", ids["transfer"]):
        assert {each["id"] for each in hops(world, name)} == {each["id"] for each in whole}, name
    lines = [each["facts"] for each in whole if each["kind"] == "line"]
    assert sum(int(each["minor"]) for each in lines) == 200
    for link in {each["link"] for each in whole if each["link"]}:
        world.finance.read(link)


def test_a_line_that_a_partners_proof_has_not_is_refused(world: World, partner: Partner, month: str) -> None:
    assert month
    refused(world.finance.get(f"/finance/v1/trace?id=proof:{partner.partner_id}:1%23/lines/99"), 404, "unknown_trace")
    refused(world.finance.get(f"/finance/v1/trace?id=statement:{partner.partner_id}:2020-01"), 404, "unknown_trace")
