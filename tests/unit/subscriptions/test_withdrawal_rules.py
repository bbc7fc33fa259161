"""Until when one may withdraw, why not, and what is owed: rules that can be checked with a calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import local_day
from chalicelib.subscriptions.countries import COUNTRIES, law_of
from chalicelib.subscriptions.law import CountryLaw, Kind, Seen, When, easter
from chalicelib.subscriptions.withdrawal import (
    Contract,
    WhyNot,
    ends,
    may_hold_from,
    owed_for,
    right_of,
    settle,
)

AGREED = datetime(2026, 10, 1, 8, tzinfo=UTC)
MONTH = timedelta(days=30)
PRICE = Money(9_900, "DKK")
DK, DE, SE = law_of("DK"), law_of("DE"), law_of("SE")
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds
LAWS = st.sampled_from([law_of(each) for each in COUNTRIES])


def told(**more: object) -> Contract:
    """Told of the right and asked to begin, as one who subscribes in the app is."""
    known = {"kinds": frozenset({Kind.SERVICE}), "consumer": True, "agreed_at": AGREED}
    return Contract(**{**known, "told_at": AGREED, "asked_at": AGREED, **more})  # type: ignore[arg-type]


def last_day(agreed: datetime, told_at: datetime | None, country: str) -> date:
    law = law_of(country)
    return local_day(ends(agreed, told_at, law) - timedelta(microseconds=1), law.zone)


def test_the_day_of_the_agreement_is_not_counted_and_the_fourteenth_after_it_is_the_last() -> None:
    assert last_day(AGREED, AGREED, "DK") == date(2026, 10, 15)


def test_a_day_begins_where_the_customer_is() -> None:
    late = datetime(2026, 9, 30, 21, 30, tzinfo=UTC)  # 23.30 in Copenhagen, half past midnight in Helsinki
    assert last_day(late, late, "DK") == date(2026, 10, 14)
    assert last_day(late, late, "FI") == date(2026, 10, 15)


@pytest.mark.parametrize(
    ("agreed", "country", "last"),
    [
        (date(2026, 10, 3), "DK", date(2026, 10, 19)),  # the fourteenth day is a Saturday
        (date(2026, 12, 10), "DK", date(2026, 12, 28)),  # the day before Christmas, a holiday in effect, and a weekend
        (date(2026, 12, 10), "DE", date(2026, 12, 24)),  # in Germany that day is a working day
        (date(2027, 3, 12), "NL", date(2027, 3, 26)),  # Good Friday is no holiday in the Netherlands
        (date(2027, 3, 12), "SE", date(2027, 3, 30)),  # in Sweden it is, and Easter Monday follows
        (date(2027, 6, 11), "FI", date(2027, 6, 28)),  # Midsummer Eve
    ],
)
def test_a_period_never_ends_on_a_day_that_is_no_working_day(agreed: date, country: str, last: date) -> None:
    noon = datetime(agreed.year, agreed.month, agreed.day, 12, tzinfo=UTC)
    assert last_day(noon, noon, country) == last


def test_who_was_told_late_has_fourteen_days_from_then_and_who_never_was_a_year_more() -> None:
    assert last_day(AGREED, AGREED + timedelta(days=40), "DK") == date(2026, 11, 24)
    assert last_day(AGREED, None, "DK") == date(2027, 10, 15)
    assert last_day(AGREED, AGREED + timedelta(days=380), "DK") == date(2027, 10, 15)


def test_easter_is_where_almanacs_have_it() -> None:
    known = [date(1954, 4, 18), date(1981, 4, 19), date(2024, 3, 31), date(2025, 4, 20), date(2038, 4, 25)]
    assert [easter(day.year) for day in known] == known


@pytest.mark.parametrize(
    ("contract", "why_not"),
    [
        (told(), None),
        (told(consumer=False), WhyNot.NOT_A_CONSUMER),
        (told(kinds=frozenset({Kind.CAR_RENTAL}), dated=True), WhyNot.EXEMPT),
        (told(kinds=frozenset({Kind.CAR_RENTAL})), None),
        (told(kinds=frozenset({Kind.PASSENGER_TRANSPORT})), WhyNot.EXEMPT),
        (told(kinds=frozenset({Kind.CAR_RENTAL, Kind.SERVICE}), dated=True), None),
        (told(kinds=frozenset({Kind.DIGITAL_CONTENT}), begun_at=AGREED), WhyNot.EXEMPT),
        (told(kinds=frozenset({Kind.DIGITAL_CONTENT}), begun_at=AGREED, asked_at=None), None),
        (told(kinds=frozenset({Kind.DIGITAL_CONTENT}), begun_at=AGREED, told_at=None), None),
        (told(kinds=frozenset({Kind.DIGITAL_SERVICE}), begun_at=AGREED), None),
        (told(performed_at=AGREED + timedelta(days=1)), WhyNot.EXEMPT),
        (told(performed_at=AGREED + timedelta(days=3)), None),
        (told(kinds=frozenset({Kind.SEALED_GOODS}), unsealed=True), WhyNot.EXEMPT),
    ],
)
def test_what_one_may_not_withdraw_from_is_said_by_its_rule(contract: Contract, why_not: WhyNot | None) -> None:
    right = right_of(contract, DK, AGREED + timedelta(days=2))
    assert right.why_not is why_not
    assert bool(right.exemptions) == (why_not is WhyNot.EXEMPT)
    assert all(each.paragraph.startswith("§") for each in right.exemptions)


def test_it_is_over_with_the_last_days_last_moment() -> None:
    until = ends(AGREED, AGREED, DE)
    assert right_of(told(), DE, until - timedelta(microseconds=1)).why_not is None
    assert right_of(told(), DE, until).why_not is WhyNot.OVER


def test_a_third_of_the_month_costs_a_third_and_never_a_part_of_an_oere_more() -> None:
    assert owed_for(PRICE, timedelta(days=10), MONTH, told()) == Money(3_300, "DKK")
    assert owed_for(PRICE, timedelta(hours=1), MONTH, told()) == Money(13, "DKK")  # of 13.75


def test_nothing_is_owed_by_who_did_not_ask_that_it_begin_or_was_told_too_late() -> None:
    assert owed_for(PRICE, MONTH, MONTH, told(asked_at=None)).minor == 0
    assert owed_for(PRICE, MONTH, MONTH, told(told_at=None)).minor == 0
    assert owed_for(PRICE, MONTH, MONTH, told(told_at=AGREED + timedelta(seconds=1))).minor == 0


def test_what_is_not_owed_is_paid_back_within_fourteen_days() -> None:
    withdrawn = datetime(2026, 10, 11, 8, tzinfo=UTC)
    found = settle(PRICE, Money(3_300, "DKK"), withdrawn, DK)
    assert (found.owed, found.back) == (Money(3_300, "DKK"), Money(6_600, "DKK"))
    assert local_day(found.back_by - timedelta(seconds=1), DK.zone) == date(2026, 10, 25)


@given(INSTANTS, st.one_of(st.none(), st.integers(0, 500)), LAWS)
def test_the_period_is_never_shorter_than_fourteen_days_and_being_told_never_makes_it_longer(
    agreed: datetime, after: int | None, law: CountryLaw
) -> None:
    told_at = None if after is None else agreed + timedelta(days=after)
    until = ends(agreed, told_at, law)
    assert until - agreed > timedelta(days=14)
    assert ends(agreed, agreed, law) <= until <= ends(agreed, None, law)


@given(
    st.integers(0, 10**9),
    st.integers(-(10**6), 10**8),
    st.integers(0, 10**7),
    st.integers(1, 10**8),
    st.sampled_from([None, "asked"]),
)
def test_what_is_owed_grows_with_time_and_never_over_the_price(
    price: int, had: int, more: int, whole: int, asked: str | None
) -> None:
    contract = told() if asked else told(asked_at=None)
    amount, length = Money(price, "EUR"), timedelta(seconds=whole)
    before = owed_for(amount, timedelta(seconds=had), length, contract)
    after = owed_for(amount, timedelta(seconds=had + more), length, contract)
    assert 0 <= before.minor <= after.minor <= price
    assert asked or not after.minor
    assert before.minor * whole <= price * max(had, 0)
    found = settle(amount, after, AGREED, DK)
    assert found.owed + found.back == amount
    assert found.back.minor >= 0


@given(INSTANTS, LAWS)
def test_a_new_price_holds_from_a_midnight_and_at_least_a_month_after_everybody_was_told(
    told_by: datetime, law: CountryLaw
) -> None:
    first = may_hold_from(told_by, law)
    assert timedelta(days=31) <= first - told_by < timedelta(days=32, hours=2)
    assert first.astimezone(UTC) == first


@pytest.mark.parametrize("country", COUNTRIES)
def test_each_country_names_its_sources_and_what_could_not_be_verified(country: str) -> None:
    law = law_of(country)
    rules = {each.rule for each in law.sources}
    assert {"period", "longer_if_not_told", "function", "refund", "owed", "exemptions"} <= rules
    assert all(each.url.startswith("http") for each in law.sources)
    assert all((each.checked_at is None) == (each.seen is Seen.NOT_VERIFIED) for each in law.sources)
    assert {each.when for each in law.exemptions} == set(When)
    assert country == "EU" or all(each.paragraph for each in law.exemptions)
    assert law.label(law.languages[0]) == law.label("xx")


def test_a_country_that_is_not_known_has_the_directives_rules_and_silence_binds_nobody_there() -> None:
    assert law_of("PT") is law_of(None) is law_of("EU")
    assert not law_of("PT").price_change.silence_accepts
    assert not DE.price_change.silence_accepts
    assert SE.price_change.silence_accepts
