"""Finland: kuluttajansuojalaki, chapter 6."""

from chalicelib.subscriptions.countries.european_union import CHECKED, ENGLISH, EXEMPTIONS, MONTH, SOURCES
from chalicelib.subscriptions.law import CountryLaw, Holidays, Labels, PriceChange, Seen, Source, nationally

_ACT = "Kuluttajansuojalaki (38/1978)"
_URL = "https://www.finlex.fi/fi/lainsaadanto/1978/38"
_RESTRICTIONS = "6 luku 16 §"

LAW = CountryLaw(
    country="FI",
    zone="Europe/Helsinki",
    languages=("fi", "sv", "en"),
    statute=_ACT,
    labels={
        "fi": Labels("Peruuta sopimus tästä", "Vahvista peruuttaminen"),
        "sv": Labels("Frånträd avtalet här", "Bekräfta frånträde"),
        "en": ENGLISH,
    },
    exemptions=nationally(
        EXEMPTIONS,
        {"16(a)": _RESTRICTIONS, "16(c)": _RESTRICTIONS, "16(e)": _RESTRICTIONS, "16(i)": _RESTRICTIONS}
        | {"16(l)": _RESTRICTIONS, "16(m)": _RESTRICTIONS, "3(3)(k)": "6 luku"},
    ),
    price_change=PriceChange(notice=MONTH, silence_accepts=True),
    holidays=Holidays(
        frozenset({(1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26)}),
        frozenset({-2, 1, 39}),
        midsummer=True,
    ),
    sources=(
        Source(
            "period",
            _ACT,
            "6 luku 14 §",
            "https://www.minilex.fi/a/14-p%C3%A4iv%C3%A4n-peruuttamisoikeus",
            Seen.REPORTED,
            CHECKED,
        ),
        Source("longer_if_not_told", _ACT, "6 luku 15 §", _URL, Seen.NOT_VERIFIED, None),
        Source(
            "exemptions",
            _ACT,
            f"{_RESTRICTIONS}, as amended by 572/2020 and 693/2022",
            "https://finlex.fi/fi/laki/alkup/2022/20220693",
            Seen.REPORTED,
            CHECKED,
        ),
        Source("function", _ACT, "6 luku, from 19 June 2026", _URL, Seen.NOT_VERIFIED, None),
        Source("refund", _ACT, "6 luku 17 §", _URL, Seen.NOT_VERIFIED, None),
        Source(
            "owed",
            "Hallituksen esitys 157/2013",
            "who withdraws pays for what was done already",
            "https://www.edilex.fi/he/20130157",
            Seen.BILL,
            CHECKED,
        ),
        Source(
            "price_change",
            "Kilpailu- ja kuluttajavirasto, Sopimusehtojen muuttaminen",
            "at the earliest a month after the notice was sent",
            "https://www.kkv.fi/Tietoa-ja-ohjeita/Ostaminen-myyminen-ja-sopimukset/sopimukset/sopimusehtojen-muutokset/",
            Seen.TEXT,
            CHECKED,
        ),
        *SOURCES,
    ),
)
