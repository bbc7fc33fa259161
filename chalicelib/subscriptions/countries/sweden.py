"""Sweden: distansavtalslagen."""

from chalicelib.subscriptions.countries.european_union import CHECKED, ENGLISH, EXEMPTIONS, MONTH, SOURCES
from chalicelib.subscriptions.law import CountryLaw, Holidays, Labels, PriceChange, Seen, Source, nationally

_ACT = "Lag (2005:59) om distansavtal och avtal utanför affärslokaler"
_URL = "https://www.riksdagen.se/sv/dokument-och-lagar/dokument/svensk-forfattningssamling/lag-200559-om-distansavtal-och-avtal-utanfor_sfs-2005-59/"

LAW = CountryLaw(
    country="SE",
    zone="Europe/Stockholm",
    languages=("sv", "en"),
    statute=_ACT,
    labels={"sv": Labels("Frånträd avtalet här", "Bekräfta frånträde"), "en": ENGLISH},
    exemptions=nationally(
        EXEMPTIONS,
        {"16(a)": "2 kap. 11 §", "16(c)": "2 kap. 11 §", "16(e)": "2 kap. 11 §", "16(i)": "2 kap. 11 §"}
        | {"16(l)": "2 kap. 11 §", "16(m)": "2 kap. 11 §", "3(3)(k)": "2 kap. 1 §"},
    ),
    price_change=PriceChange(notice=MONTH, silence_accepts=True),
    holidays=Holidays(
        frozenset({(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}),
        frozenset({-2, 1, 39}),
        midsummer=True,
    ),
    sources=(
        Source(
            "period",
            _ACT,
            "2 kap. 10 och 12 §§",
            "https://www.konsumentiq.se/fraga-juristen/angerratt-allt-om-dina-rattigheter-enligt-distansavtalslagen",
            Seen.REPORTED,
            CHECKED,
        ),
        Source(
            "longer_if_not_told",
            _ACT,
            "2 kap. 12 §",
            "http://energimarknadsbyran.se/El/Konsumentratt1/Klagoguide/Angerratt/",
            Seen.REPORTED,
            CHECKED,
        ),
        Source("exemptions", _ACT, "2 kap. 11 §", _URL, Seen.NOT_VERIFIED, None),
        Source(
            "function",
            "Regeringens proposition 2025/26:84, Ett stärkt konsumentskydd vid distansavtal",
            "a function for withdrawing, from 19 June 2026, for goods and services of all kinds",
            "https://www.riksdagen.se/sv/dokument-och-lagar/dokument/proposition/ett-starkt-konsumentskydd-vid-distansavtal_hd0384/html",
            Seen.BILL,
            CHECKED,
        ),
        Source("refund", _ACT, "2 kap. 14 §", _URL, Seen.NOT_VERIFIED, None),
        Source("owed", _ACT, "2 kap. 15 §", _URL, Seen.NOT_VERIFIED, None),
        Source(
            "price_change",
            "Hallå konsument (Konsumentverket), on agreements for telecommunications",
            "told at least a month before, and free to leave",
            "https://www.hallakonsument.se/varor-och-tjanster/andring-av-pris-eller-villkor-i-telekomavtal/",
            Seen.REPORTED,
            CHECKED,
        ),
        *SOURCES,
    ),
    notes=("A month's notice is law for telecommunications; for other subscriptions it is our careful choice.",),
)
