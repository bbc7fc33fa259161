"""Each line of a statement says what it rests on, and each month has its proof, for whom it is and nobody else."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.customers.model import Role
from infra.verify import main as verify
from tests.doors.acting import Acting, made_member
from tests.doors.callers import done, refused
from tests.doors.subscribing import members_fare, publish, publish_terms, subscribe, terms_read
from tests.doors.test_acts import reserve
from tests.doors.test_charges import SHA, told
from tests.doors.test_fairness import FOUR, cap, offer
from tests.doors.test_sharing import car, share
from tests.doors.vans import new_van
from tests.doors.world import Customer, Partner, World

MAY = "/mobile/v1/statements/2021-05"
SESSIONS = "/mobile/v1/access-sessions"


def lines_of(customer: Customer, session: str, statement: str = MAY) -> list[dict[str, Any]]:
    (found,) = (each for each in customer.read(statement)["sessions"] if each["session_id"] == session)
    return list(found["lines"])


def evidence(customer: Customer, line: dict[str, Any], query: str = "", statement: str = MAY) -> dict[str, Any]:
    return dict(customer.read(f"{statement}/lines/{line['line_id']}/evidence{query}"))


@pytest.fixture(scope="module")
def rider(world: World) -> Customer:
    return world.customer()


@pytest.fixture(scope="module")
def payer(world: World) -> Customer:
    return world.customer()


class TestALineOfUse:
    """Ten minutes with a pause, measured by the bike."""

    session: str

    def test_while_it_is_open_it_has_no_record_and_its_id_stays(
        self, world: World, partner: Partner, rider: Customer
    ) -> None:
        session = TestALineOfUse.session = rider.start(partner.bike())
        partner.report(world.event(session, signal="unlocked", place="harbour"))
        world.later(minutes=40)
        before = lines_of(rider, session)
        shown = evidence(rider, before[0])["session"]
        assert (shown["ended_at"], shown["record"]) == (None, None)

        done(rider.post(f"{SESSIONS}/{session}/pause"))
        world.later(minutes=40)
        done(rider.post(f"{SESSIONS}/{session}/resume"))
        partner.report(world.used(session, 3000))
        rider.end(session)
        world.settle()

        after = lines_of(rider, session)
        assert [each["line_id"] for each in after] == [each["line_id"] for each in before]
        assert [each["amount"] for each in after] == [each["amount"] for each in lines_of(rider, session)]

    def test_it_says_what_showed_the_need_by_which_tariff_and_record(self, world: World, rider: Customer) -> None:
        by_price = {each["price"]: each for each in lines_of(rider, self.session)}
        time = evidence(rider, by_price["time"])
        receipt = rider.read(f"{SESSIONS}/{self.session}/receipt")

        assert (time["month"], time["line"]) == ("2021-05", by_price["time"])
        assert (time["charge"], time["subscription"], time["shared_with"]) == (None, None, [])
        assert (time["tariff"]["version"], time["tariff"]["rule"]["kind"]) == (receipt["tariff_version"], "package")
        session = time["session"]
        assert session["need"] == receipt["need"]
        assert session["quantities"] == receipt["quantities"] == {"use_seconds": "3000"}
        assert session["quote_id"] == receipt["quote_id"]
        assert [each["what"] for each in session["acts"]] == ["start", "pause", "resume", "end"]
        assert session["record"]["evidence_sha256"] == receipt["evidence_sha256"]
        assert session["record"]["revision"] == 0
        assert [(each["name"], each["value"], each["of_line"]) for each in time["events"]["items"]] == [
            ("unlocked", None, False),
            ("use_seconds", "3000", True),
        ]
        unlock = evidence(rider, by_price["unlock"])
        assert [each["of_line"] for each in unlock["events"]["items"]] == [True, False]

        reference = time["events"]["items"][1]["reference"]
        hops = world.finance.read(f"/finance/v1/trace?id={reference}")["hops"]
        assert {"kind": "session", "id": self.session}.items() <= hops[1].items()
        assert time["line"]["evidence"] == [time["events"]["items"][1]["id"]]

    def test_a_correction_has_a_record_of_its_own(self, world: World, partner: Partner, rider: Customer) -> None:
        (line,) = (each for each in lines_of(rider, self.session) if each["price"] == "time")
        first = evidence(rider, line)["session"]["record"]
        ended_at = rider.read(f"{SESSIONS}/{self.session}")["session"]["ended_at"]
        world.later(minutes=5)
        partner.report(world.used(self.session, 60, time=ended_at))
        world.settle()

        again = evidence(rider, line)
        assert again["session"]["record"]["revision"] == first["revision"] + 1
        assert again["session"]["record"]["evidence_sha256"] != first["evidence_sha256"]
        assert [each["of_line"] for each in again["events"]["items"]] == [False, True, True]

    def test_the_line_has_its_sentence_if_that_is_asked_for(self, rider: Customer) -> None:
        (line,) = (each for each in lines_of(rider, self.session) if each["price"] == "time")
        assert "text" not in evidence(rider, line)["line"]
        reply = rider.get(f"{MAY}/lines/{line['line_id']}/evidence?words=true", headers={"Accept-Language": "da"})
        assert reply.json["line"]["text"]

    def test_many_events_come_in_pages_each_once(self, world: World, partner: Partner, rider: Customer) -> None:
        session = rider.start(partner.bike())
        at = (world.system.now() + timedelta(seconds=1)).isoformat()
        sent = [world.used(session, 10, time=at) for _ in range(7)]
        world.later(minutes=10)
        partner.report(*sent)
        rider.end(session)
        world.settle()
        line = lines_of(rider, session)[0]

        seen, query = [], "?limit=3"
        while query:
            page = evidence(rider, line, query)["events"]
            assert len(page["items"]) <= 3
            seen += [each["id"] for each in page["items"]]
            query = f"?limit=3&after={page['next']}" if page["next"] else ""
        assert sorted(seen) == sorted(each["id"] for each in sent)
        wrong = f"{MAY}/lines/{line['line_id']}/evidence"
        refused(rider.get(f"{wrong}?after=evr_none"), 422, "not_a_reference", "/after")
        refused(rider.get(f"{wrong}?limit=0"), 422, "query_invalid", "/limit")
        refused(rider.get(f"{wrong}?page=2"), 422, "query_invalid", "/page")

    def test_a_line_is_there_for_whom_it_is_and_in_its_month_alone(self, world: World, rider: Customer) -> None:
        name = lines_of(rider, self.session)[0]["line_id"]
        refused(world.customer(None).get(f"{MAY}/lines/{name}/evidence"), 404, "unknown_line")
        refused(rider.get(f"/mobile/v1/statements/2021-04/lines/{name}/evidence"), 404, "unknown_line")
        for other in ("lin_none", name[:-1], "x" * 300, "..%2F"):
            refused(rider.get(f"{MAY}/lines/{other}/evidence"), 404, "unknown_line")
        refused(rider.get(f"/mobile/v1/statements/2021-13/lines/{name}/evidence"), 422, "not_a_month")


def test_a_reduction_says_which_other_lines_it_is_shared_with(world: World, partner: Partner) -> None:
    """
    Three rides at 4.00 under a day's cap of 6.00: the cap takes 2.00 and 4.00 off.
    """
    rider, code = world.customer(), offer(partner, "capped", FOUR, caps=cap("day", "6.00"))
    rides = [world.ride(rider, code, partner, 60) for _ in range(3)]
    lines = {name: lines_of(rider, name) for name in rides}
    reductions = [each for name in rides for each in lines[name] if each["kind"] == "reduction"]

    found = [evidence(rider, each) for each in reductions]
    names = [each["line_id"] for each in reductions]
    assert len(names) >= 2
    assert [each["shared_with"] for each in found] == [[name for name in names if name != own] for own in names]
    assert all(each["tariff"]["rule"]["amount"] == "6.00" for each in found)


class TestAFamily:
    """Who does not read the account's books sees the lines of their own use alone."""

    def test_a_member_sees_what_their_own_lines_rest_on(self, world: World, partner: Partner, tmp_path: Path) -> None:
        owner = world.customer()
        account = owner.read("/mobile/v1/me")["account_id"]
        member = made_member(account, world.customer(card=None), world, Role.MEMBER)
        viewer = made_member(account, world.customer(card=None), world, Role.VIEWER)
        theirs, owners = (world.ride(who, partner.bike(), partner, 60) for who in (member, owner))
        home = Acting(owner, account)

        own = evidence(member, lines_of(member, theirs)[0])
        assert own["session"]["session_id"] == theirs
        assert evidence(home, lines_of(home, theirs)[0]) == own
        hidden = lines_of(home, owners)[0]["line_id"]
        refused(member.get(f"{MAY}/lines/{hidden}/evidence"), 404, "unknown_line")
        assert viewer.get(f"{MAY}/lines/{hidden}/evidence").status == 200
        refused(member.get(f"{MAY}/proof"), 403, "role_may_not")
        assert verified(viewer.read(f"{MAY}/proof"), tmp_path) == 0


def verified(proof: dict[str, Any], folder: Path) -> int:
    """What `make verify` says of it."""
    file = folder / "proof-as-it-stands.json"
    file.write_text(json.dumps(proof))
    return verify([str(file)])


class TestAMonthsProof:
    """A ride of May, which is closed in June; evidence of it that comes later."""

    session: str

    def test_a_running_month_has_a_proof_that_anybody_can_compute_again(
        self, world: World, partner: Partner, payer: Customer, tmp_path: Path
    ) -> None:
        empty = payer.read(f"{MAY}/proof")
        assert (empty["lines"], empty["totals"], verified(empty, tmp_path)) == ([], {}, 0)
        session = TestAMonthsProof.session = payer.start(partner.bike())
        world.later(minutes=40)

        proof = payer.read(f"{MAY}/proof")
        assert verified(proof, tmp_path) == 0
        account = payer.read("/mobile/v1/me")["account_id"]
        as_of = proof["about"].pop("as_of")
        assert proof["about"] == {"account_id": account, "month": "2021-05"}
        assert as_of.startswith(f"{world.system.now():%Y-%m-%dT%H:%M}")
        stated = lines_of(payer, session)
        assert [each["price_id"] for each in proof["lines"]] == [each["price"] for each in stated]
        assert payer.read("/mobile/v1/proofs")["items"] == []
        payer.end(session)
        partner.report(world.used(session, 2400))
        world.settle()

    def test_a_settled_month_has_the_proof_of_its_settlement(
        self, world: World, payer: Customer, tmp_path: Path
    ) -> None:
        world.until(world.system.now().replace(month=6, day=2, hour=12))
        (head,) = payer.read("/mobile/v1/proofs")["items"]

        proof = payer.read(f"{MAY}/proof")
        assert proof == payer.read(f"/mobile/v1/proofs/{head['number']}")
        assert (proof["digest"], "as_of" in proof["about"]) == (head["digest"], False)
        assert verified(proof, tmp_path) == 0

    def test_what_changes_after_that_is_proven_as_it_stands_behind_the_chain(
        self, world: World, partner: Partner, payer: Customer, tmp_path: Path
    ) -> None:
        settled = payer.read(f"{MAY}/proof")
        ended_at = payer.read(f"{SESSIONS}/{self.session}")["session"]["ended_at"]
        partner.report(world.used(self.session, 60, time=ended_at))
        world.settle()

        proof = payer.read(f"{MAY}/proof")
        assert proof["previous"] == settled["digest"]
        assert "as_of" in proof["about"]
        assert [each["use_id"] for each in proof["uses"]] == [self.session]
        assert verified(proof, tmp_path) == 0

    def test_it_is_ones_own_and_of_a_month(self, world: World, payer: Customer) -> None:
        stranger = world.customer(None)
        assert stranger.read(f"{MAY}/proof")["uses"] == []
        refused(payer.get("/mobile/v1/statements/2021-13/proof"), 422, "not_a_month")
        refused(world.nobody.get(f"{MAY}/proof"), 401, "unauthenticated")


class TestBesideUse:
    """What is no use says what it rests on: a charge with its files and steps, an order, a subscription."""

    def test_a_charge_beside_use_shows_its_files_and_its_decision(
        self, world: World, partner: Partner, customer: Customer
    ) -> None:
        session = world.ride(customer, partner.bike(), partner, 600)
        within = (world.system.now() - timedelta(seconds=300)).isoformat()
        charge = told(partner, session, "damage", "20.00", within)
        world.settle()
        done(customer.post(f"/mobile/v1/charges/{charge}/accept"))
        world.settle()
        month = f"/mobile/v1/statements/{world.system.now():%Y-%m}"
        (stated,) = customer.read(month)["charges"]

        shown = evidence(customer, stated["lines"][0], statement=month)
        assert shown["charge"] == customer.read(f"/mobile/v1/charges/{charge}")
        assert [each["sha256"] for each in shown["charge"]["evidence"]] == [SHA] == shown["line"]["evidence"]
        assert [each["state"] for each in shown["charge"]["history"]] == ["drafted", "stated", "accepted"]
        assert (shown["session"], shown["subscription"], shown["events"]) == (None, None, {"items": [], "next": None})

    def test_an_order_without_use_rests_on_its_reservation(
        self, world: World, customer: Customer, vans: Partner
    ) -> None:
        """
        Ten minutes are free and ten cost 0.05 each; nothing was handed out, so no need is shown.
        """
        held = reserve(customer, new_van(vans))["session_id"]
        world.later(minutes=20)
        done(customer.post(f"/mobile/v1/reservations/{held}/cancel"))
        world.settle()
        month = f"/mobile/v1/statements/{world.system.now():%Y-%m}"

        shown = evidence(customer, lines_of(customer, held, month)[0], statement=month)
        assert shown["line"]["evidence"] == [held] == [shown["session"]["session_id"]]
        assert (shown["session"]["need"], shown["events"]["items"]) == ([], [])
        assert shown["session"]["record"]["revision"] == 0
        assert [each["what"] for each in shown["session"]["acts"]] == ["reserved", "cancelled"]

    def test_a_fee_rests_on_the_subscription_and_the_terms_that_were_accepted(
        self, world: World, partner: Partner, customer: Customer
    ) -> None:
        publish_terms(world)
        publish(world, "member", fares=members_fare(partner), asleep_after_days=None)
        path = subscribe(customer, "member")
        world.later(hours=5)
        month = f"/mobile/v1/statements/{world.system.now():%Y-%m}"
        (stated,) = customer.read(month)["subscriptions"]

        shown = evidence(customer, stated["lines"][0], statement=month)["subscription"]
        assert path.endswith(shown["subscription_id"])
        assert (shown["plan"], shown["plan_version"], shown["seats"], shown["until"]) == ("member", 1, 1, None)
        assert [each["start"] for each in shown["counted"]] == [stated["since"]]
        (accepted,) = shown["accepted"]
        read = terms_read(customer)
        assert {name: accepted[name] for name in ("language", "sha256")} == {k: read[k] for k in ("language", "sha256")}
        assert (accepted["terms_version"], accepted["plan_version"]) == (read["version"], 1)

    def test_who_takes_part_in_a_shared_session_sees_what_their_own_part_rests_on(
        self, world: World, partner: Partner, customer: Customer
    ) -> None:
        member, code = world.customer(), car(partner)
        session = customer.start(code)
        share(customer, session, member)
        world.later(minutes=20)
        customer.end(session)
        world.settle()
        month = f"/mobile/v1/statements/{world.system.now():%Y-%m}"
        line = lines_of(member, session, month)[0]

        shown = evidence(member, line, statement=month)
        assert shown["line"] == line
        assert shown["session"]["session_id"] == session
        assert shown["session"]["record"] is not None
        for who in (customer, member):
            account = who.read("/mobile/v1/me")["account_id"]
            assert account not in str(shown) or who is member
