"""Denmark: forbrugeraftaleloven."""

from chalicelib.subscriptions.countries.european_union import CHECKED, ENGLISH, EXEMPTIONS, MONTH, SOURCES
from chalicelib.subscriptions.law import CountryLaw, Holidays, Labels, PriceChange, Seen, Source, nationally

_ACT = "Lov om forbrugeraftaler (forbrugeraftaleloven), lov nr. 1457 af 17. december 2013"

LAW = CountryLaw(
    country="DK",
    zone="Europe/Copenhagen",
    languages=("da", "en"),
    statute=_ACT,
    labels={"da": Labels("Fortryd aftalen her", "Bekræft fortrydelse"), "en": ENGLISH},
    exemptions=nationally(
        EXEMPTIONS,
        {
            "3(3)(k)": "§ 1, stk. 4, nr. 4",
            "16(a)": "§ 18, stk. 2, nr. 2",
            "16(c)": "§ 18, stk. 2, nr. 3",
            "16(e)": "§ 18, stk. 2, nr. 5",
            "16(i)": "§ 18, stk. 2, nr. 9",
            "16(l)": "§ 18, stk. 2, nr. 12",
            "16(m)": "§ 18, stk. 2, nr. 13",
        },
    ),
    price_change=PriceChange(notice=MONTH, silence_accepts=True),
    holidays=Holidays(
        frozenset({(1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)}), frozenset({-3, -2, 1, 39, 50})
    ),
    sources=(
        Source("exemptions", _ACT, "§ 18, stk. 2", "https://danskelove.dk/forbrugeraftaleloven/18", Seen.TEXT, CHECKED),
        Source("period", _ACT, "§ 19", "https://www.elov.dk/forbrugeraftaleloven/kapitel/4/", Seen.REPORTED, CHECKED),
        Source(
            "longer_if_not_told",
            _ACT,
            "§ 19, stk. 3 og 4",
            "https://www.elov.dk/forbrugeraftaleloven/kapitel/4/",
            Seen.REPORTED,
            CHECKED,
        ),
        Source(
            "function",
            "Forslag L 185 (2024-25) til lov om ændring af lov om forbrugeraftaler",
            "§ 20 a",
            "https://www.ft.dk/samling/20241/lovforslag/l185/index.htm",
            Seen.BILL,
            CHECKED,
        ),
        Source("refund", _ACT, "§ 22", "https://www.elov.dk/forbrugeraftaleloven/kapitel/4/", Seen.NOT_VERIFIED, None),
        Source("owed", _ACT, "§ 25", "https://www.elov.dk/forbrugeraftaleloven/paragraf/25/", Seen.TEXT, CHECKED),
        Source(
            "price_change",
            "Forbrugerombudsmanden, afgørelse 18/08300 (aftaleloven §§ 36 og 38 c)",
            "each customer is told, may leave before it holds, and eight days are too few",
            "https://forbrugerombudsmanden.dk/find-sager/sager/aftaleloven/et-dagblads-aendringsvilkaar-var-et-urimeligt-aftalevilkaar/",
            Seen.TEXT,
            CHECKED,
        ),
        *SOURCES,
    ),
    notes=(
        "The law names no number of days for a price change; a month is our choice of a reasonable notice.",
        "A price may be raised only where the agreement says when and why; whether yours does is not checked here.",
    ),
)
