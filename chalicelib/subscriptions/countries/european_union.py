"""The Consumer Rights Directive by itself, which each country's law carries out."""

from datetime import date, timedelta

from chalicelib.subscriptions.law import (
    CountryLaw,
    Exemption,
    Holidays,
    Kind,
    Labels,
    PriceChange,
    Seen,
    Source,
    When,
)

CHECKED = date(2026, 11, 22)
DIRECTIVE = "Directive 2011/83/EU on consumer rights"
_TEXT = "https://eur-lex.europa.eu/eli/dir/2011/83/oj"

ENGLISH = Labels("Withdraw from contract here", "Confirm withdrawal")

EXEMPTIONS = (
    Exemption("3(3)(k)", frozenset({Kind.PASSENGER_TRANSPORT}), When.ALWAYS),
    Exemption("16(a)", frozenset({Kind.SERVICE, Kind.DIGITAL_SERVICE}), When.PERFORMED),
    Exemption("16(c)", frozenset({Kind.MADE_TO_ORDER}), When.ALWAYS),
    Exemption("16(e)", frozenset({Kind.SEALED_GOODS}), When.UNSEALED),
    Exemption("16(i)", frozenset({Kind.SEALED_MEDIA}), When.UNSEALED),
    Exemption(
        "16(l)",
        frozenset({Kind.ACCOMMODATION, Kind.GOODS_TRANSPORT, Kind.CAR_RENTAL, Kind.CATERING, Kind.LEISURE}),
        When.DATED,
    ),
    Exemption("16(m)", frozenset({Kind.DIGITAL_CONTENT}), When.BEGUN_WITH_CONSENT),
)

SOURCES = (
    Source("period", DIRECTIVE, "Article 9", _TEXT, Seen.TEXT, CHECKED),
    Source("longer_if_not_told", DIRECTIVE, "Article 10", _TEXT, Seen.REPORTED, CHECKED),
    Source(
        "function",
        "Directive (EU) 2023/2673, Article 1(4)",
        "Article 11a of Directive 2011/83/EU",
        "https://eur-lex.europa.eu/eli/dir/2023/2673/oj",
        Seen.REPORTED,
        CHECKED,
    ),
    Source("refund", DIRECTIVE, "Article 13(1)", _TEXT, Seen.REPORTED, CHECKED),
    Source("owed", DIRECTIVE, "Article 14(3) and (4)(a)", _TEXT, Seen.REPORTED, CHECKED),
    Source(
        "owed_by_time",
        "Court of Justice, 8 October 2020, C-641/19, PE Digital",
        "answer to the first question",
        "https://curia.europa.eu/juris/liste.jsf?num=C-641/19",
        Seen.REPORTED,
        CHECKED,
    ),
    Source(
        "no_second_period",
        "Court of Justice, 5 October 2023, C-565/22, Sofatutor",
        "a trial that goes over into a paid subscription",
        "https://curia.europa.eu/juris/liste.jsf?num=C-565/22",
        Seen.REPORTED,
        CHECKED,
    ),
    Source("exemptions", DIRECTIVE, "Articles 3(3)(k) and 16", _TEXT, Seen.REPORTED, CHECKED),
    Source(
        "days",
        "Regulation (EEC, Euratom) No 1182/71",
        "Article 3(1) and (4)",
        "https://eur-lex.europa.eu/eli/reg/1971/1182/oj",
        Seen.TEXT,
        CHECKED,
    ),
)

MONTH = timedelta(days=31)
"""`At least a month`, however long the month is."""

LAW = CountryLaw(
    country="EU",
    zone="Europe/Brussels",
    languages=("en",),
    statute=DIRECTIVE,
    labels={"en": ENGLISH},
    exemptions=EXEMPTIONS,
    price_change=PriceChange(notice=MONTH, silence_accepts=False),
    holidays=Holidays(frozenset({(1, 1), (12, 25), (12, 26)}), frozenset({1})),
    sources=SOURCES,
    notes=(
        "The directive binds states; a customer's rights follow from the law that carries it out.",
        "It says nothing of price changes: a month's notice and express acceptance are the careful choice.",
    ),
)
