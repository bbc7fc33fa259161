"""Germany: Bürgerliches Gesetzbuch."""

from chalicelib.subscriptions.countries.european_union import CHECKED, ENGLISH, EXEMPTIONS, MONTH, SOURCES
from chalicelib.subscriptions.law import CountryLaw, Holidays, Labels, PriceChange, Seen, Source, nationally

_ACT = "Bürgerliches Gesetzbuch (BGB)"
_URL = "https://www.gesetze-im-internet.de/bgb/"

LAW = CountryLaw(
    country="DE",
    zone="Europe/Berlin",
    languages=("de", "en"),
    statute=_ACT,
    labels={"de": Labels("Vertrag widerrufen", "Widerruf bestätigen"), "en": ENGLISH},
    exemptions=nationally(
        EXEMPTIONS,
        {
            "3(3)(k)": "§ 312 Abs. 2 Nr. 5",
            "16(a)": "§ 356 Abs. 4",
            "16(c)": "§ 312g Abs. 2 Nr. 1",
            "16(e)": "§ 312g Abs. 2 Nr. 3",
            "16(i)": "§ 312g Abs. 2 Nr. 6",
            "16(l)": "§ 312g Abs. 2 Nr. 9",
            "16(m)": "§ 356 Abs. 5",
        },
    ),
    price_change=PriceChange(notice=MONTH, silence_accepts=False),
    holidays=Holidays(
        frozenset({(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}),
        frozenset({-2, 1, 39, 50}),
    ),
    sources=(
        Source("period", _ACT, "§ 355 Abs. 2", f"{_URL}__355.html", Seen.REPORTED, CHECKED),
        Source("longer_if_not_told", _ACT, "§ 356 Abs. 3", f"{_URL}__356.html", Seen.NOT_VERIFIED, None),
        Source("exemptions", _ACT, "§ 312g Abs. 2", f"{_URL}__312g.html", Seen.NOT_VERIFIED, None),
        Source(
            "function",
            _ACT,
            "§ 356a, passed by the Bundestag on 19 December 2025",
            "https://www.skwschwarz.de/news/widerrufsbutton-online-shops-juni-2026",
            Seen.REPORTED,
            CHECKED,
        ),
        Source("refund", _ACT, "§ 357 Abs. 1", f"{_URL}__357.html", Seen.NOT_VERIFIED, None),
        Source(
            "owed",
            _ACT,
            "§ 357a Abs. 2",
            "https://haufe.de/recht/deutsches-anwalt-office-premium/2-gesetz-zur-umsetzung-dermodernisierungsrichtlinie-2-wertersatzpflicht-bei-dienstleistungen_idesk_PI17574_HI14945071.html",
            Seen.REPORTED,
            CHECKED,
        ),
        Source(
            "price_change",
            "Kammergericht Berlin, 15 November 2023, 23 U 112/22 (§ 307 BGB)",
            "who can be asked at each use is to be asked; that one may leave does not make up for it",
            "https://www.jurpc.de/jurpc/show?id=20230167",
            Seen.TEXT,
            CHECKED,
        ),
        *SOURCES,
    ),
    notes=(
        "Silence does not accept a price here: who does not accept it keeps the version that they have.",
        "Holidays of single states are left out; a period may end on one of them a day later than is said.",
    ),
)
