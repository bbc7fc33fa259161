"""Words for lines: every code in every language, made of facts alone."""

import ast
import string
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import chalicelib.rating
from chalicelib.edge.formats import BabelFormats
from chalicelib.kernel.languages import LANGUAGES, Language
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import SECONDS_IN, midnight
from chalicelib.rating import Need, RatedLine, Use, rate
from chalicelib.rating.account import AccountTerms, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.difference import difference
from chalicelib.rating.explain import explain, explain_quantity
from chalicelib.rating.fault_credit import FaultCredit
from chalicelib.rating.held import Held, Stretch
from chalicelib.rating.model import NEED_STATES
from chalicelib.rating.promotions import Coupon, Credit, Reward
from chalicelib.rating.stated import CHARGE_KINDS, use_of
from chalicelib.rating.terms import PERIODS
from tests.unit.rating.city_bike import ride
from tests.unit.rating.codes import codes_made
from tests.unit.rating.made import MAY, tariff, use
from tests.unit.rating.test_stated import charge

ZONE = "Europe/Helsinki"


class Plain:
    """Formats that can be read back."""

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{plain(amount)} {currency}"

    def number(self, number: Decimal) -> str:
        return plain(number)

    def share(self, fraction: Decimal) -> str:
        return f"{plain(fraction * 100)} %"

    def day(self, day: date) -> str:
        return day.isoformat()

    def month(self, first: date) -> str:
        return first.isoformat()[:7]


def line(code: str, lines: tuple[RatedLine, ...]) -> RatedLine:
    return next(each for each in lines if each.code == code)


FEE: dict[str, Any] = {"kind": "recurring", "charge_class": "ordered", "amount": "31", "per": "month"}


def everything() -> list[RatedLine]:
    """Lines of every price kind and every step, each code at least once."""
    tiers = [{"up_to": "10", "unit_amount": "0.03", "flat_amount": "5"}, {"up_to": None, "unit_amount": "0.01"}]
    share: dict[str, Any] = {"kind": "percentage", "meter": "paid", "rate": "0.025"}
    priced = tariff(
        {"kind": "flat", "amount": "1"},
        {"kind": "flat", "amount": "5", "once_per": "day"},
        {"kind": "flat", "amount": "35", "once_per": "ever"},
        {"kind": "unit", "meter": "km", "unit_amount": "0.3"},
        {"kind": "unit", "meter": "km", "unit_amount": "0.3", "included": "100"},
        {"kind": "package", "meter": "use_seconds", "size": "1800", "per_package": "1", "included": "1800"},
        {"kind": "graduated", "meter": "km", "tiers": tiers},
        {"kind": "volume", "meter": "km", "tiers": tiers},
        share,
        {**share, "minimum": "50"},
        {**share, "maximum": "0.10"},
        {"kind": "graduated_percentage", "meter": "paid", "tiers": tiers},
        {"kind": "capacity", "meter": "kw", "unit_amount": "2.5"},
        {"kind": "threshold", "meter": "km", "above": "5", "amount": "1"},
        {**FEE, "asleep_after_days": 0, "per_seat": True},
        {"kind": "once", "charge_class": "ordered", "amount": "20"},
        caps=[{"id": name, "period": name, "amount": "0.50", "over": ["price"]} for name in ("use", "day")],
        minimums=[{"id": "least", "period": "use", "amount": "90.00", "over": ["p1"]}],
    )
    used = use(priced, product="car", km="12.5", kw="7", paid="40", use_seconds="58499")
    by_need = tariff({"kind": "need", "per": "h", "in_use": "6", "kept": "1"}, tariff_id="e")
    needed = use(by_need, "needed", needs=[(10, "in_use"), (20, "kept"), (30, "faulty")])
    month = midnight(date(2021, 5, 1), ZONE), midnight(date(2021, 6, 1), ZONE)
    day = (Need(MAY, MAY + timedelta(hours=1), "in_use"),)
    noon = month[0] + timedelta(hours=12)
    of = Held("sub", (Stretch(noon, month[1]),), 3)
    plan = Use("plan", priced, *month, False, {}, {}, day, "agreement", held=of)
    allowed = [{"id": "two", "period": "month", "uses": 1, "over": ["price"]}]
    included = tariff({"kind": "flat", "amount": "1"}, tariff_id="b", allowances=allowed)
    regretted = tariff({"kind": "flat", "amount": "1"}, tariff_id="c", regret={"seconds": 7200, "times": 3})
    terms = AccountTerms(
        alternatives={"car": (tariff({"kind": "flat", "amount": "60"}, tariff_id="d"),)},
        caps=(AccountCap("week", "week", Money(5000, "EUR")), AccountCap("m", "month", Money(4900, "EUR"))),
        ceilings=(Ceiling("car", "car", Money(4000, "EUR"), Money(100, "EUR")),),
        coupons=(Coupon("ten", "percent", Decimal("0.1")),),
        rewards=(Reward("weather", "consent", Money(5, "EUR")),),
        credits=(Credit("old", "faulty", Money(5, "EUR")),),
    )
    broken = replace(use(by_need, "broken", needs=[(10, "in_use")]), fault_credit=FaultCredit("charge", 50, ("bang",)))
    uses = [used, needed, broken, plan, *ended_passes(), use(included, "other"), use(regretted, "regretted", minutes=1)]
    stated = [use_of(each, ZONE) for each in (charge(back=500), charge("delivery", name="chg-2"))]
    return [*rate_account([*uses, *stated], terms).lines, *difference(rate([ride(1)]), rate([ride(3600)]))]


def ended_passes() -> list[Use]:
    """One that is good for a time, and one that is good for so many uses."""
    passes = tariff({"kind": "once", "charge_class": "ordered", "amount": "20"}, tariff_id="f")
    times = {"bought_s": Decimal(432_000), "unused_s": Decimal(90_000)}
    rides = {"bought_uses": Decimal(10), "unused_uses": Decimal(3)}
    left = {"time": times, "rides": rides}
    return [Use(name, passes, MAY, MAY, False, each, kind="agreement") for name, each in left.items()]


LINES = tuple(everything())


def sentences(language: Language) -> dict[str, str]:
    found: dict[str, str] = import_module(f"chalicelib.rating.words.{LANGUAGES[language]}").SENTENCES
    return found


def test_every_language_has_the_same_sentences_about_the_same_facts() -> None:
    def named(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = {code: named(text) for code, text in sentences("en").items()}
    for language in LANGUAGES:
        assert {code: named(text) for code, text in sentences(language).items()} == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_the_sources_of_rating_can_make_has_a_sentence_in_every_language(language: Language) -> None:
    """
    A new code without a sentence fails here, whether a test makes its line or not; no sentence is left over.
    """
    assert {code.removesuffix("_*") for code in codes_made()} == set(sentences(language))


def test_the_lines_below_have_every_code_so_that_every_sentence_is_tried_on_facts() -> None:
    seen = {
        each.code.partition("_")[0] if each.code.startswith(("cap_", "coupon_", "stated_")) else each.code
        for each in LINES
    }

    assert seen == set(sentences("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_period_and_unit_of_time_has_a_name_in_every_language(language: Language) -> None:
    words = import_module(f"chalicelib.rating.words.{LANGUAGES[language]}")

    assert set(words.NAMES) == {*NEED_STATES, *PERIODS, "package"}
    assert set(words.CHARGES) == set(CHARGE_KINDS)
    assert set(words.PER) == {*SECONDS_IN, "day", "month"}
    assert len(words.TIME) == 3
    assert words.DAY


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_can_be_said_in_every_language(language: Language) -> None:
    for each in LINES:
        said = explain(each, language, Plain())
        assert said
        assert "{" not in said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("started_packages", "32 x 1 EUR per started 30 min; 16 h 14 min 59 s used, of which 30 min included"),
        ("time_in_state", "10 min in use at 6 EUR per hour"),
        ("state_not_charged", "30 min faulty: not charged"),
        ("percentage", "2.5 % of 40 EUR"),
        (
            "recurring_fee",
            (
                "Subscription, 31 EUR per month; 1 d of 31 d in 2021-05; asleep for 29 d 12 h, which saved 88.5 EUR; "
                "paused for 12 h, which saved 1.5 EUR; seats: 3"
            ),
        ),
        ("bought_once", "Pass, 20 EUR"),
        ("time_paid_back", "Paid back: 1 d 1 h of 5 d not used"),
        ("uses_paid_back", "Paid back: 3 of 10 uses not used"),
        ("pass", "Pass (day: 2021-05-03)"),
        ("threshold_passed", "More than 5 km: 12.5 km"),
        ("cap_day", "Cap per day of 9 EUR reached"),
        ("stated_damage", "Damage, 2021-05-03"),
        ("countered", "Taken back: Damage, 2021-05-03"),
        ("changed", "Changed from 0 EUR to 1 EUR"),
    ],
)
def test_a_sentence_says_what_the_line_says(code: str, said: str) -> None:
    lines = (*LINES, *rate([ride(14400), ride(14400, "more")]))

    assert explain(line(code, lines), "en", Plain()).replace("\xa0", " ") == said


def test_no_words_are_loaded_with_rating_itself() -> None:
    for path in Path(chalicelib.rating.__file__).parent.glob("*.py"):
        imported = [
            ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not any("words" in text or "babel" in text for text in imported)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("da", "Loftet pr. dag på 9,00\xa0€ er nået"),
        ("sv", "Taket per dag på 9,00\xa0€ är nått"),
        ("nl", "Maximum per dag van €\xa09,00 bereikt"),
        ("en", "Cap per day of €9.00 reached"),
        ("de", "Höchstpreis pro Tag von 9,00\xa0€ erreicht"),
        ("fi", "Hintakatto 9,00\xa0€/päivä on saavutettu"),
    ],
)
def test_amounts_are_written_as_the_language_writes_them(language: Language, said: str) -> None:
    assert explain(line("cap_day", rate([ride(58499)])), language, BabelFormats(language)) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("da", "10\xa0min i brug à 6,00\xa0€ pr. time"),
        ("sv", "10\xa0min i användning à 6,00\xa0€ per timme"),
        ("nl", "10\xa0min in gebruik à €\xa06,00 per uur"),
        ("en", "10\xa0min in use at €6.00 per hour"),
        ("de", "10\xa0Min. in Benutzung zu 6,00\xa0€ pro Stunde"),
        ("fi", "10\xa0min käytössä à 6,00\xa0€/tunti"),
    ],
)
def test_hours_are_said_in_the_readers_language(language: Language, said: str) -> None:
    assert explain(line("time_in_state", LINES), language, BabelFormats(language)) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("da", "uge 22, 2021"),
        ("sv", "vecka 22, 2021"),
        ("nl", "week 22, 2021"),
        ("de", "Woche 22, 2021"),
        ("fi", "viikko 22, 2021"),
    ],
)
def test_a_week_is_said_by_its_number(language: Language, said: str) -> None:
    weekly = tariff({"kind": "flat", "amount": "5", "once_per": "week"})
    (passed,) = rate([use(weekly, at=MAY + timedelta(days=29))])

    assert said in explain(passed, language, Plain())


def test_a_fixed_part_of_a_percentage_is_said() -> None:
    fee = tariff({"kind": "percentage", "meter": "paid", "rate": "0.025", "fixed": "0.10"})
    (charged,) = rate([use(fee, paid="50")])

    assert charged.amount == Money(135, "EUR")
    assert explain(charged, "en", Plain()) == "2.5 % of 50 EUR + 0.1 EUR"


@pytest.mark.parametrize(
    ("seconds", "said"), [("58499", "16_t 14_min 59_sek"), ("3600", "1_t"), ("0", "0_sek"), ("0.5", "0,5_sek")]
)
def test_time_is_said_as_hours_minutes_and_seconds_none_parted_from_its_unit(seconds: str, said: str) -> None:
    assert explain_quantity(Decimal(seconds), "s", "da", BabelFormats("da")) == said.replace("_", "\xa0")


def test_a_currencys_code_does_not_touch_the_number() -> None:
    """
    CLDR's pattern for currencies without a sign of their own in that language.
    """
    assert BabelFormats("en").money(Decimal("-9.5"), "DKK") == "-DKK\xa09.50"
    assert BabelFormats("da").money(Decimal("-9.5"), "DKK") == "-9,50\xa0kr."


def test_no_decimal_is_rounded_away_and_dates_are_named() -> None:
    formats = BabelFormats("en")

    assert formats.money(Decimal("0.000001234"), "EUR") == "€0.000001234"
    assert formats.money(Decimal(1500), "JPY") == "JP¥1,500"
    assert formats.share(Decimal("0.0255")) == "2.55%"
    assert (formats.day(date(2021, 5, 31)), formats.month(date(2021, 5, 1))) == ("31 May 2021", "May 2021")
    assert BabelFormats("da").number(Decimal("1234.5")) == "1.234,5"
