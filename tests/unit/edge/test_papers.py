"""Receipts and statements for reading: whole in each language, and the same to the cent in all of them."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from chalicelib.access.model import AccessSession, ChargeRecord, Need, NeedInterval, NeedState, State
from chalicelib.access.reading import Receipt, SessionCost
from chalicelib.billing.statement import Statement
from chalicelib.edge.headings import HEADINGS
from chalicelib.edge.papers import receipt_text, statement_text
from chalicelib.edge.words import Words
from chalicelib.kernel.languages import LANGUAGES, Language
from chalicelib.kernel.money import total
from chalicelib.kernel.time import Interval, Month
from chalicelib.rating import Need as RatedNeed
from chalicelib.rating import Use, rate
from chalicelib.rating.proof import prove
from tests.unit.rating.city_bike import city_bike, ride
from tests.unit.rating.made import tariff

ZONE = "Europe/Helsinki"
BIKE = replace(city_bike(), tariff_id="par_1:bike")
RIDE = ride(58499, tariff=BIKE)
LOCAL = {
    "da": ("31. maj 2021 23.00.00 EEST", "1. juni 2021 15.14.59 EEST", "16 t 14 min 59 sek", "89,00 €", "-23,14 €"),
    "sv": (
        "31 maj 2021 23:00:00 EEST",
        "1 juni 2021 15:14:59 EEST",
        "16 tim 14 min 59 sek",
        "89,00 €",
        "-23,14 €",
    ),
    "nl": ("31 mei 2021, 23:00:00 EEST", "1 juni 2021, 15:14:59 EEST", "16 u 14 min 59 s", "€ 89,00", "€ -23,14"),
    "de": (
        "31. Mai 2021, 23:00:00 OESZ",
        "1. Juni 2021, 15:14:59 OESZ",
        "16 Std. 14 Min. 59 Sek.",
        "89,00 €",
        "-23,14 €",
    ),
    "fi": (
        "31. toukokuuta 2021 23.00.00 +0300",
        "1. kesäkuuta 2021 15.14.59 +0300",
        "16 t 14 min 59 s",
        "89,00 €",
        "-23,14 €",
    ),
    "en": ("31 May 2021, 23:00:00 EEST", "1 June 2021, 15:14:59 EEST", "16 h 14 min 59 s", "€89.00", "-€23.14"),
}
DANISH = (
    """\
Kvittering ses_1
================================================================
Bycykel, bike-7
Fra 31. maj 2021 23.00.00 EEST
Til 1. juni 2021 15.14.59 EEST
Forbrug: 16 t 14 min 59 sek
----------------------------------------------------------------
Pris pr. brug [unlock]                                    0,50 €
32 x 1,00 € pr. påbegyndt 30 min; 16 t 14 min
59 sek brugt, heraf 30 min inkluderet [time]             32,00 €
Over 5 t: 16 t 14 min 59 sek [late]                      80,00 €
Loftet pr. dag på 9,00 € er nået [unlock]                -0,36 €
Loftet pr. dag på 9,00 € er nået [time]                 -23,14 €
----------------------------------------------------------------
I alt, moms inkluderet                                   89,00 €
Takstversion 3
Pristilbud quo_1
Dokumentation (SHA-256):
"""
    + "d" * 64
    + "\n"
)


def spaced(text: str) -> str:
    """With plain spaces, to be compared with what stands here."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def receipt(use: Use = RIDE) -> Receipt:
    session = AccessSession(
        session_id="ses_1",
        account_id="acc_1",
        customer_id="cus_1",
        partner_id="par_1",
        product_id="bike",
        asset_id="bike-7",
        tariff_version=3,
        quote_id="quo_1",
        started_at=use.started_at,
        meters={"use_seconds": "s"},
        state=State.ENDED,
        ended_at=use.ended_at,
    )
    need = Need((), use.quantities, use.evidence, "d" * 64)
    record = ChargeRecord(session, need, (), use.tariff.currency, use.ended_at)
    lines = tuple(rate([use]))
    return Receipt(record, SessionCost(session, lines, total((each.amount for each in lines), use.tariff.currency)))


def stated(*uses: Use) -> Statement:
    is_open = frozenset(use.use_id for use in uses if use.open)
    return Statement("acc_1", Month(2021, 5), "EUR", tuple(rate(uses)), uses, is_open)


def test_a_danish_receipt_reads_as_a_whole() -> None:
    assert spaced(receipt_text(receipt(), RIDE.tariff, ZONE, Words("da"), "Bycykel")) == DANISH


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_is_in_one_language_with_its_times_durations_and_amounts(language: Language) -> None:
    shown, heads = receipt(), HEADINGS[language]
    text = spaced(receipt_text(shown, RIDE.tariff, ZONE, Words(language), "City bike"))

    for expected in (*LOCAL[language], heads.with_tax, heads.evidence, heads.tariff.format(version=3), "quo_1"):
        assert expected in text
    for line in shown.cost.lines:
        assert spaced(Words(language).of(line)) in " ".join(text.split())


@pytest.mark.parametrize(
    ("language", "in_use", "kept"),
    [
        ("da", "I brug", "Reserveret til dig"),
        ("sv", "I användning", "Reserverad åt dig"),
        ("nl", "In gebruik", "Voor je gereserveerd"),
        ("en", "In use", "Kept for you"),
        ("de", "In Benutzung", "Für Sie reserviert"),
        ("fi", "Käytössä", "Sinulle varattuna"),
    ],
)
def test_a_receipt_says_for_how_long_the_thing_was_what_whether_that_cost_anything_or_not(
    language: Language, in_use: str, kept: str
) -> None:
    """
    In use for ten minutes, kept for twenty, in use for another half; and of two meters each is named.
    """
    begin, minute = RIDE.started_at, timedelta(minutes=1)
    stretches = ((NeedState.IN_USE, 0, 10), (NeedState.KEPT, 10, 30), (NeedState.IN_USE, 30, 60))
    intervals = tuple(
        NeedInterval(state, Interval(begin + a * minute, begin + b * minute)) for state, a, b in stretches
    )
    plain = receipt()
    need = replace(plain.record.need, intervals=intervals, quantities={"use_seconds": Decimal(2400), "km": Decimal(5)})
    shown = replace(plain, record=replace(plain.record, need=need))

    rows = spaced(receipt_text(shown, RIDE.tariff, ZONE, Words(language), "City bike")).splitlines()

    assert f"{in_use}: {spaced(Words(language).quantity(Decimal(2400), 's'))}" in rows
    assert f"{kept}: {spaced(Words(language).quantity(Decimal(1200), 's'))}" in rows
    assert [row for row in rows if ", km: 5" in row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_statement_has_every_session_with_its_version_its_sum_and_one_total(language: Language) -> None:
    """
    The first ride fills the day's cap, so the second costs nothing: 89.00 in all. An open one has no end.
    """
    shown, heads = stated(RIDE, ride(600, "ride-2", is_open=True, tariff=BIKE)), HEADINGS[language]
    words = Words(language)
    text = statement_text(shown, ZONE, words)

    assert text.splitlines()[0] == heads.statement.format(month=words.formats.month(date(2021, 5, 1)))
    assert [
        row.removeprefix(heads.amount).strip() for row in text.splitlines() if row.startswith(f"{heads.amount} ")
    ] == [words.formats.money(Decimal(amount), "EUR") for amount in ("89.00", "0.00")]
    assert text.splitlines()[-3].endswith(words.formats.money(Decimal("89.00"), "EUR"))
    assert [row for row in text.splitlines() if row.startswith("bike, ")] == ["bike, ride-1", "bike, ride-2"]
    assert text.count(heads.tariff.format(version=1)) == 2
    assert text.count(heads.still_open) == 1


def test_the_digest_of_a_statement_is_that_of_a_proof_of_the_same_lines() -> None:
    shown = stated(RIDE, ride(600, "ride-2", tariff=BIKE))
    made = prove(shown.uses, time_zone_data="2026.6")

    assert str(made["evidence_digest"]) in statement_text(shown, ZONE, Words("en")).splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_month_without_use_says_so(language: Language) -> None:
    text = statement_text(stated(), ZONE, Words(language))

    assert HEADINGS[language].nothing in text
    assert Words(language).formats.money(Decimal(0), "EUR") in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_tax_is_said_to_be_included_only_where_it_is(language: Language) -> None:
    heads = HEADINGS[language]
    net = replace(RIDE.tariff, tariff_id="net", tax_inclusive=False)
    excluded = RIDE.under(net)

    assert heads.without_tax in receipt_text(receipt(excluded), net, ZONE, Words(language), "City bike")
    assert heads.without_tax in statement_text(stated(excluded), ZONE, Words(language))
    mixed = statement_text(stated(RIDE, ride(600, "ride-2", tariff=net)), ZONE, Words(language))
    assert heads.with_tax not in mixed
    assert heads.without_tax not in mixed


def test_no_row_is_wider_than_the_paper_and_no_amount_is_lost_to_a_long_sentence() -> None:
    """
    Amounts of millions of kroner with a minus still fit beside the text.
    """
    for language in LANGUAGES:
        dear = replace(RIDE.tariff, tariff_id="dear", currency="DKK")
        text = receipt_text(receipt(RIDE.under(dear)), dear, ZONE, Words(language), "City bike")
        assert max(len(row) for row in text.splitlines()) == 64


def test_a_statement_says_how_long_an_agreement_slept_and_what_that_saved() -> None:
    """
    31.00 a month, awake on the day of need and for two days after it: 3 of May's 31 days, 28.00 saved.
    """
    fee = {"kind": "recurring", "amount": "31", "per": "month", "asleep_after_days": 2, "charge_class": "ordered"}
    month = Month(2021, 5).interval(ZONE)
    needed = RatedNeed(month.start + timedelta(days=9), month.start + timedelta(days=9, hours=1), "in_use")
    plan = tariff(fee, tariff_id="par_1:plan")
    agreement = Use("agr-1", plan, month.start, month.end, False, {}, needs=(needed,), kind="agreement")

    text = spaced(statement_text(stated(agreement), ZONE, Words("en")))

    assert "3 d of 31 d in May 2021; asleep for 28 d, which saved €28.00" in " ".join(text.split())
    assert "Total, VAT included €3.00" in " ".join(text.split())
