"""A partner's share through the doors: agreed before its month, split at the close, stated, proven, its own alone."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.verify import main as verify
from tests.doors.callers import done, refused
from tests.doors.test_charges import rows
from tests.doors.world import Customer, Partner, World

JUNE, JULY = "2021-06", "2021-07"
AGREED = {"percent": "70", "per_session": "0.10", "minimum": "2.00"}
RATES = {"rates": [{"percent": "25", "category": "bikes"}, {"percent": "14"}]}


def first_of(month: int) -> datetime:
    return datetime(2021, month, 1, 12, tzinfo=UTC)


def balances(world: World) -> dict[str, str]:
    rows = world.finance.read("/finance/v1/trial-balance")["rows"]
    return {row["ledger_account"]: row["debit"] or f"-{row['credit']}" for row in rows}


@pytest.fixture(scope="module")
def other(world: World) -> Partner:
    """Another partner, with which no share is agreed."""
    return world.partner("Others")


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner, other: Partner) -> Customer:
    """In May a share and tax rates are agreed from June on; then there are rides in May and June."""
    done(world.finance.put(f"/finance/v1/partners/{partner.partner_id}/share/{JUNE}", AGREED))
    done(world.finance.put(f"/finance/v1/tax-rates/{JUNE}", RATES))
    rider = world.customer()
    world.ride(rider, partner.bike(), partner, 60)
    world.until(first_of(6))
    world.ride(rider, other.bike(), other, 4000)
    return rider


@pytest.fixture(scope="module")
def late(world: World, partner: Partner, rider: Customer) -> dict[str, Any]:
    """A ride of June for which the bike reports 4,000 seconds, and what it reports of it later."""
    session = rider.start(partner.bike())
    world.later(hours=2)
    partner.report(world.used(session, 4000))
    rider.end(session)
    world.settle()
    return world.used(session, 1800)


class TestAShare:
    """The tests of this class follow one partner and stand in order of time."""

    def test_a_month_before_the_agreement_has_neither_share_nor_tax(
        self, world: World, partner: Partner, rider: Customer
    ) -> None:
        assert rider.read("/mobile/v1/invoices")["items"][0]["total"]["amount"] == "0.50"
        assert {name.partition(":")[0] for name in balances(world)} == {"revenue", "stripe-clearing"}
        refused(partner.get("/partner/v1/statements/2021-05"), 404, "unknown_statement")

    @pytest.mark.usefixtures("late")
    def test_the_close_splits_what_is_billed_and_states_the_partners_month(
        self, world: World, partner: Partner, other: Partner
    ) -> None:
        """
        A ride of 2.50 with 25 % in it: 2.00, of which 1.40 and 0.10 for the session are the partner's; the minimum of
        2.00 adds 0.50.
        """
        world.until(first_of(7))

        stated = partner.read(f"/partner/v1/statements/{JUNE}")
        (row,) = stated["products"]
        assert (row["product"], row["sessions"]) == ("city-bike", 1)
        amounts = [
            row[name]["amount"] for name in ("charged", "reduced", "fault_credits", "billed", "tax", "net", "share")
        ]
        assert amounts == ["2.50", "0.00", "0.00", "2.50", "0.50", "2.00", "1.50"]
        assert [(line["kind"], line["amount"]["amount"]) for line in stated["added"]] == [("minimum", "0.50")]
        assert (stated["share"]["amount"], stated["bills"], stated["version"]) == ("2.00", 1, 1)
        refused(other.get(f"/partner/v1/statements/{JUNE}"), 404, "unknown_statement")
        assert other.read("/partner/v1/statements") == {"items": [], "next": None}

    def test_the_first_export_of_the_month_has_what_the_statement_adds(self, world: World, partner: Partner) -> None:
        found = rows(world, JUNE, f"partners/{partner.partner_id}.csv.gz")

        assert sorted(row["share"] for row in found) == ["0.50", "1.50"]
        assert [row["product"] for row in found if not row["customer"]] == [""]

    def test_the_books_hold_the_split_and_what_is_owed_to_the_partner(
        self, world: World, partner: Partner, other: Partner
    ) -> None:
        """
        Both bikes are of the category with 25 %; the invoice of 5.00 is paid, so what was pending is payable.
        """
        one, two = partner.partner_id, other.partner_id
        assert balances(world) == {
            "stripe-clearing": "5.23",
            "stripe-fees": "0.27",
            f"revenue:{one}:city-bike": "-2.50",
            f"revenue:{two}:city-bike": "-2.00",
            "tax:0.25": "-1.00",
            f"share-cost:{one}:city-bike": "1.50",
            f"share-cost:{one}:": "0.50",
            f"payable:{one}": "-2.00",
        }

    def test_the_statement_is_proven_and_anybody_computes_it_again_from_the_proof_alone(
        self, partner: Partner, other: Partner, rider: Customer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (head,) = partner.read("/partner/v1/proofs")["items"]
        proof = partner.read(f"/partner/v1/proofs/{head['number']}")
        file = tmp_path / "proof.json"
        file.write_text(json.dumps(proof))

        assert (head["month"], head["digest"]) == (JUNE, proof["digest"])
        assert verify([str(file)]) == 0
        assert "200 EUR" in capsys.readouterr().out
        own = rider.read("/mobile/v1/proofs")["items"][-1]
        assert proof["bills"][0]["proof"] == own["digest"]
        assert rider.read("/mobile/v1/me")["account_id"] not in json.dumps(proof)
        refused(other.get(f"/partner/v1/proofs/{head['number']}"), 404, "unknown_proof")
        file.write_text(json.dumps({**proof, "totals": {"EUR": 300}}))
        assert verify([str(file)]) == 1

    def test_a_late_correction_restates_the_month_and_the_chain_goes_on(
        self, world: World, partner: Partner, late: dict[str, Any], tmp_path: Path
    ) -> None:
        """
        June's ride comes to 3.50: 2.80 without tax, of which the partner has 1.96 and 0.10, so that no minimum adds
        anything. It is billed with July, of which the partner has its minimum alone.
        """
        assert partner.report(late)[0]["outcome"] == "late"
        world.until(first_of(8))

        stated = partner.read(f"/partner/v1/statements/{JUNE}")
        assert (stated["version"], stated["products"][0]["billed"]["amount"]) == (2, "3.50")
        assert (stated["share"]["amount"], stated["added"]) == ("2.06", [])
        heads = partner.read("/partner/v1/proofs")["items"]
        assert sorted(each["month"] for each in heads) == [JUNE, JUNE, JULY]
        files = []
        for head in heads:
            files.append(tmp_path / f"{head['number']}.json")
            files[-1].write_text(json.dumps(partner.read(f"/partner/v1/proofs/{head['number']}")))
        assert verify([" ".join(map(str, files))]) == 0
        listed = partner.read("/partner/v1/statements")["items"]
        assert [(each["month"], each["share"]["amount"]) for each in listed] == [(JUNE, "2.06"), (JULY, "2.00")]
        assert balances(world)[f"payable:{partner.partner_id}"] == "-4.06"
        assert balances(world)[f"share-cost:{partner.partner_id}:"] == "2.00"


@pytest.mark.parametrize(
    ("month", "body", "problem"),
    [
        ("2021-05", AGREED, (409, "share_month_begun", None)),
        ("2031-13", AGREED, (422, "not_a_month", None)),
        ("2031-01", {}, (422, "body_invalid", "/percent")),
        ("2031-01", {"percent": "70", "tiers": [{"percent": "70"}]}, (422, "body_invalid", "/percent")),
        ("2031-01", {"percent": "100.1"}, (422, "body_invalid", "/percent")),
        ("2031-01", {"percent": "70", "minimum": "0.001"}, (422, "not_an_amount", "/minimum")),
        ("2031-01", {"tiers": [{"percent": "70", "up_to": "5.00"}]}, (422, "invalid_share_rule", "/tiers")),
        ("2031-01", {"tiers": []}, (422, "invalid_share_rule", "/tiers")),
    ],
)
def test_a_rule_that_does_not_fit_is_refused_with_its_place(
    world: World, partner: Partner, month: str, body: object, problem: tuple[int, str, str | None]
) -> None:
    refused(world.finance.put(f"/finance/v1/partners/{partner.partner_id}/share/{month}", body), *problem)


def test_rules_and_rates_are_kept_with_who_set_them_and_partners_see_their_own(
    world: World, partner: Partner, other: Partner
) -> None:
    where = f"/finance/v1/partners/{partner.partner_id}"
    body = {"tiers": [{"percent": "70", "up_to": "1000.00"}, {"percent": "80"}], "faults_borne": "50"}
    for _ in range(2):
        done(world.finance.put(f"{where}/share/2031-01", body))

    shown = world.finance.read(f"{where}/shares")
    assert [each["since"] for each in shown].count("2031-01") == 1
    assert shown[-1]["set_by"] == world.finance.read("/finance/v1/tax-rates/2031-01").get("set_by", shown[-1]["set_by"])
    assert shown[-1]["tiers"] == [{"percent": "70", "up_to": "1000.00"}, {"percent": "80", "up_to": None}]
    assert [each["since"] for each in partner.read("/partner/v1/shares")] == [each["since"] for each in shown]
    assert other.read("/partner/v1/shares") == []
    refused(world.finance.put("/finance/v1/partners/none/share/2031-01", AGREED), 404, "unknown_partner")
    refused(world.finance.get("/finance/v1/partners/none/shares"), 404, "unknown_partner")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"rates": [{"percent": "25", "category": "bikes", "product": "x"}]}, (422, "body_invalid", "/rates/0")),
        ({"rates": [{"percent": "25"}, {"percent": "24"}]}, (422, "body_invalid", "/rates/1")),
        ({"rates": [{"percent": "-1"}]}, (422, "body_invalid", "/rates/0/percent")),
    ],
)
def test_rates_that_do_not_fit_are_refused_with_their_place(
    world: World, body: object, problem: tuple[int, str, str]
) -> None:
    refused(world.finance.put("/finance/v1/tax-rates/2031-01", body), *problem)
    refused(world.finance.put("/finance/v1/tax-rates/2021-05", RATES), 409, "month_begun")
