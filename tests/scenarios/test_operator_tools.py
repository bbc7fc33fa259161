"""Tool rental in Copenhagen, June to August 2021, in kroner (infra/local/operators/tools.json).

A drill: 20.00 to fetch, 45.00 an hour in use, 1.50 an hour kept at home; 500.00 held while it is out.
An angle grinder: 15.00 to fetch, 1.25 a minute of work, at most 120.00 a day; for who is 18 or older.
"""

from collections.abc import Iterator

import pytest

from infra.local.client import RefusedError
from tests.scenarios.first_months import MOBILE, SESSIONS, Person, Stage, first_months, refusal


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with first_months("tools") as stage:
        yield stage


class TestFirstMonths:
    """The tests of this class are a calendar and stand in order of time."""

    ida: Person
    holm: Person
    nina: Person
    per: Person
    booking: str
    drilled: str

    def test_31_may_ida_signs_up_and_so_does_a_firm_of_three(self, stage: Stage) -> None:
        """
        Holm owns the firm's account, which has no card and pays by bill within 14 days; Nina and Per work for him. Nina
        may spend 100.00 a day.
        """
        type(self).ida = stage.customer("ida", "da")
        holm, nina, per = (stage.customer(each, "da", pays=False) for each in ("holm", "nina", "per"))
        says = {"name": "Tømrer Holm ApS", "address": ["Prøvestensvej 4", "2300 København S"], "country": "DK"}
        says |= {"vat_number": "DK10150825", "purchase_order": "PO-4711", "cost_centre": "Tagterrasse"}
        type(self).holm = stage.opens(holm, "holm-aps", "firm", billing=says)
        term = {"days": 14, "email": "faktura@holm.example", "note": "framework agreement 7"}
        stage.finance.put(f"/finance/v1/accounts/{self.holm.account}/payment-term", term)
        type(self).nina = stage.joins(nina, self.holm, "member", day="100.00")
        type(self).per = stage.joins(per, self.holm, "member")

        members = self.holm.app.get(f"{MOBILE}/account/members")
        assert sorted((each["name"], each["role"]) for each in members) == [
            ("", "owner"),
            ("nina", "member"),
            ("per", "member"),
        ]

    def test_1_june_ida_books_any_drill_for_a_weekend_and_sees_the_price_first(self, stage: Stage) -> None:
        """
        From Friday 16:00 to Monday 16:00 she expects to keep it for 71 hours and to use it for one:
        20.00 + 1 x 45.00 + 71 x 1.50 = 171.50.
        """
        stage.at("06-01 12:00")
        place = f"{stage.keys['byg'].partner_id}/refshale"
        stretch = {"from": stage.instant("06-04 16:00"), "until": stage.instant("06-07 16:00")}
        quote = self.ida.app.call("POST", f"{MOBILE}/booking-quotes", {**stretch, "category": "drills", "place": place})
        booking = self.ida.app.post(f"{MOBILE}/bookings", {"quote": quote["quote"]})

        assert quote["hold"]["amount"] == "500.00"
        assert booking["state"] == "booked"
        type(self).booking = booking["booking_id"]

    def test_4_to_7_june_the_drill_is_kept_at_home_for_three_days(self, stage: Stage) -> None:
        """
        In use on Saturday 10:00 to 10:40 and on Sunday 12:00 to 12:20: one hour. Kept: 72 - 1 = 71 hours.
        20.00 + 45.00 + 71 x 1.50 (106.50) = 171.50; of the 500.00 held, 328.50 are let go.
        """
        stage.at("06-04 16:00")
        session = type(self).drilled = self.ida.fetches(self.booking, "DRILL-01")
        assert stage.reports("byg", session, "06-04 16:00", "unlocked") == ["accepted"]
        for begin, end in (("06-05 10:00", "06-05 10:40"), ("06-06 12:00", "06-06 12:20")):
            stage.at(end)
            stage.reports("byg", session, begin, "moving")
            stage.reports("byg", session, end, "idle")
        stage.at("06-07 16:00")
        stage.reports("byg", session, "06-07 16:00", "docked")

        assert self.ida.paid_for(session) == "171.50"
        hold = self.ida.app.get(f"{MOBILE}/access-sessions/{session}/receipt")["hold"]
        assert (hold["state"], hold["captured"]["amount"]) == ("captured", "171.50")
        assert "hold_released" in self.ida.told()

    def test_9_june_damage_is_stated_with_a_photo_and_the_operator_reduces_what_ida_objects_to(
        self, stage: Stage
    ) -> None:
        """
        600.00 for a bent chuck; the chuck was worn: 350.00, which June's bill takes.
        """
        stage.at("06-09 10:00")
        charge = stage.charges(self.drilled, "damage", "600.00", "06-06 12:10", "A bent chuck")
        self.ida.app.post(f"{MOBILE}/charges/{charge}/objection", {"reason": "was_so_before", "text": "It was worn."})
        stage.at("06-20 10:00")
        verdict = {"decision": "reduced", "amount": "350.00", "note": "worn, and bent"}
        stage.operator.post(f"/finance/v1/charges/{charge}/decision", verdict)
        stage.settled()

        assert {"charge_stated", "charge_decided"} <= self.ida.told()

    def test_22_to_23_june_the_firm_grinds_within_nina_s_limit_and_the_days_cap(self, stage: Stage) -> None:
        """
        Nina, 22 June: 15.00 + 40 x 1.25 (50.00) = 65.00; another hour, 90.00, is more than is left of her 100.00.
        Per, 23 June: 15.00 + 100 x 1.25 (125.00) = 140.00, at most 120.00.
        """
        with pytest.raises(RefusedError) as young:
            self.nina.starts("GRIND-01")
        assert refusal(young.value) == (403, "eligibility_missing")
        for person in (self.nina, self.per):
            stage.shows(person, "age:18", born="1984-03-02", identity_until="2028-01-01")
        for person, day, until, minutes, amount in (
            (self.nina, "06-22", "08:50", "40", "65.00"),
            (self.per, "06-23", "15:00", "100", "120.00"),
        ):
            stage.at(f"{day} 08:00")
            session = person.starts("GRIND-01")
            stage.at(f"{day} {until}")
            stage.reports("byg", session, f"{day} {until}", ("work", minutes))
            assert person.ends(session) == amount
            if person is self.nina:
                with pytest.raises(RefusedError) as much:
                    person.app.post(
                        SESSIONS, {"code": "GRIND-01", "quote": person.asks("GRIND-01", work="60")["quote"]}
                    )
                assert refusal(much.value) == (409, "budget_passed")

    def test_1_july_the_firm_gets_one_bill_with_its_purchase_order_and_its_tax(self, stage: Stage) -> None:
        """
        65.00 + 120.00 = 185.00, of which a fifth is VAT at 25 per cent: 37.00.
        """
        stage.at("07-01 12:00")
        (invoice,) = self.holm.invoices()
        document = self.holm.app.get(f"{MOBILE}/invoices/{invoice['invoice_id']}")

        assert document["total"]["amount"] == "185.00"
        assert [(row["rate"], row["tax"]["amount"]) for row in document["taxes"]] == [("0.25", "37.00")]
        assert (document["seller"]["vat_number"], document["number"][:3]) == ("DK10150817", "LL-")
        told = document["buyer"]["name"], document["buyer"]["purchase_order"], document["buyer"]["cost_centre"]
        assert told == ("Tømrer Holm ApS", "PO-4711", "Tagterrasse")

    def test_2_july_per_leaves_the_firm_and_starts_nothing_in_its_name_any_more(self, stage: Stage) -> None:
        stage.at("07-02 09:00")
        named = {each["name"]: each["customer_id"] for each in self.holm.app.get(f"{MOBILE}/account/members")}
        self.holm.app.delete(f"{MOBILE}/account/members/{named['per']}")

        with pytest.raises(RefusedError) as left:
            self.per.starts("GRIND-01")
        assert left.value.status == 403

    def test_8_july_the_firm_pays_its_bill_a_week_before_it_is_due(self, stage: Stage) -> None:
        (invoice,) = self.holm.invoices()
        assert (invoice["state"], invoice["due_at"][:10]) == ("due", "2021-07-15")
        assert "invoice_to_pay" in self.holm.told()
        stage.at("07-08 10:00")
        stage.pays(self.holm, 0)

        assert [each["state"] for each in self.holm.invoices()] == ["paid"]

    def test_july_a_booking_is_given_up_in_time_one_too_late_and_for_one_nobody_comes(self, stage: Stage) -> None:
        """
        Free until a day before; then 30.00. Who has not come two hours after the beginning pays 60.00: 90.00 in July.
        """
        for begin, end, cancelled in (
            ("07-10 09:00", "07-10 18:00", "07-08 12:00"),
            ("07-17 09:00", "07-17 18:00", "07-16 20:00"),
            ("07-24 09:00", "07-24 18:00", ""),
        ):
            booking = self.ida.books(stage.instant(begin), stage.instant(end), code="DRILL-02")
            if cancelled:
                stage.at(cancelled)
                self.ida.app.post(f"{MOBILE}/bookings/{booking}/cancel")
        stage.at("07-24 12:00")

        assert self.ida.stated("2021-07") == "90.00"

    def test_august_nothing_is_needed_and_nothing_is_paid(self, stage: Stage) -> None:
        stage.at("09-01 12:00")

        assert [self.ida.stated("2021-08"), self.holm.stated("2021-08")] == ["0.00", "0.00"]

    def test_the_books_of_three_months_tie(self, stage: Stage) -> None:
        """
        Ida: 171.50 + 350.00 = 521.50 in June, 90.00 in July. The firm: 185.00 in June. In all 796.50.
        Of that 350.00 are damage without VAT; the rest, 446.50, holds a fifth: 89.30.
        The partner has 70 per cent of what is without VAT, and all of the damage: of June's 171.50 + 185.00 = 356.50
        four fifths are 285.20, of which 199.64, and 350.00; of July's 90.00 four fifths are 72.00, of which 50.40.
        """
        june, july = {"ida": "521.50", "holm-aps": "185.00"}, {"ida": "90.00", "holm-aps": "0.00"}
        months = {"2021-06": june, "2021-07": july, "2021-08": {"ida": "0.00", "holm-aps": "0.00"}}
        stage.assert_books_tie(months, {"ida": "611.50", "holm-aps": "185.00"})

        assert str(stage.ledger()["tax:0.25"]) == "89.30"
        byg = stage.partners["byg"]
        shares = [byg.get(f"/partner/v1/statements/{month}")["share"]["amount"] for month in ("2021-06", "2021-07")]
        assert shares == ["549.64", "50.40"]
