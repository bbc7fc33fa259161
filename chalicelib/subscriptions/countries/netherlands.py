"""The Netherlands: Burgerlijk Wetboek, Boek 6."""

from chalicelib.subscriptions.countries.european_union import CHECKED, ENGLISH, EXEMPTIONS, MONTH, SOURCES
from chalicelib.subscriptions.law import CountryLaw, Holidays, Labels, PriceChange, Seen, Source, nationally

_ACT = "Burgerlijk Wetboek Boek 6, afdeling 6.5.2B"
_URL = "https://wetten.overheid.nl/BWBR0005289/"

LAW = CountryLaw(
    country="NL",
    zone="Europe/Amsterdam",
    languages=("nl", "en"),
    statute=_ACT,
    labels={"nl": Labels("Overeenkomst hier herroepen", "Herroeping bevestigen"), "en": ENGLISH},
    exemptions=nationally(
        EXEMPTIONS,
        {
            "3(3)(k)": "artikel 230h",
            "16(a)": "artikel 230p, onder d",
            "16(c)": "artikel 230p, onder f",
            "16(e)": "artikel 230p, onder f",
            "16(i)": "artikel 230p, onder f",
            "16(l)": "artikel 230p, onder e",
            "16(m)": "artikel 230p, onder g",
        },
    ),
    price_change=PriceChange(notice=MONTH, silence_accepts=True),
    holidays=Holidays(
        frozenset({(1, 1), (4, 27), (12, 25), (12, 26)}),
        frozenset({1, 39, 50}),
    ),
    sources=(
        Source("period", _ACT, "artikel 230o", _URL, Seen.NOT_VERIFIED, None),
        Source("longer_if_not_told", _ACT, "artikel 230o lid 2", _URL, Seen.NOT_VERIFIED, None),
        Source("exemptions", _ACT, "artikel 230p", _URL, Seen.NOT_VERIFIED, None),
        Source(
            "function",
            "Autoriteit Consument & Markt, on the withdrawal button",
            "enforced from 19 June 2026",
            "https://wetnose.design/en/the-acm-withdrawal-button-mandatory-for-b2c-shops-from-june-19/",
            Seen.REPORTED,
            CHECKED,
        ),
        Source("refund", _ACT, "artikel 230r", _URL, Seen.NOT_VERIFIED, None),
        Source(
            "owed",
            _ACT,
            "artikel 230s lid 4",
            "https://explore.law/app/library/nl-legislation/bw-6-burgerlijk-wetboek-boek-6/artikel-230s-consumentenverplichtingen-na-ontbinding-overeenkomst",
            Seen.TEXT,
            CHECKED,
        ),
        Source(
            "price_change",
            "ACM ConsuWijzer, Prijsverhogingen van abonnementen",
            "foreseen in the terms, not unreasonable, told in time",
            "https://www.consuwijzer.nl/vakantie-vrije-tijd/abonnementen/prijsverhogingen-van-abonnementen",
            Seen.TEXT,
            CHECKED,
        ),
        *SOURCES,
    ),
    notes=(
        "The regulator says `in time`; a month is our choice of it.",
        "A rise in the first three months that one may not leave for is held to be unreasonable; here one may.",
    ),
)
