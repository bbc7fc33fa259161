"""What stands around the lines of a receipt and a statement, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.kernel.languages import Language


@dataclass(frozen=True)
class Headings:
    """One language's words; what has a brace takes the thing that it is about."""

    receipt: str
    statement: str
    start: str
    end: str
    still_open: str
    used: str
    used_of: str
    item: str
    amount: str
    total: str
    with_tax: str
    without_tax: str
    tariff: str
    quote: str
    evidence: str
    nothing: str


HEADINGS: Mapping[Language, Headings] = {
    "da": Headings(
        receipt="Kvittering {session}",
        statement="Opgørelse for {month}",
        start="Fra {moment}",
        end="Til {moment}",
        still_open="Stadig i gang",
        used="Forbrug: {amount}",
        used_of="Forbrug, {meter}: {amount}",
        item="Post",
        amount="Beløb",
        total="I alt",
        with_tax="I alt, moms inkluderet",
        without_tax="I alt, uden moms",
        tariff="Takstversion {version}",
        quote="Pristilbud {quote}",
        evidence="Dokumentation (SHA-256):",
        nothing="Intet forbrug i denne måned",
    ),
    "sv": Headings(
        receipt="Kvitto {session}",
        statement="Specifikation för {month}",
        start="Från {moment}",
        end="Till {moment}",
        still_open="Pågår fortfarande",
        used="Förbrukning: {amount}",
        used_of="Förbrukning, {meter}: {amount}",
        item="Post",
        amount="Belopp",
        total="Totalt",
        with_tax="Totalt, moms ingår",
        without_tax="Totalt, exklusive moms",
        tariff="Taxeversion {version}",
        quote="Prisuppgift {quote}",
        evidence="Underlag (SHA-256):",
        nothing="Ingen användning denna månad",
    ),
    "nl": Headings(
        receipt="Bon {session}",
        statement="Maandoverzicht {month}",
        start="Van {moment}",
        end="Tot {moment}",
        still_open="Nog bezig",
        used="Verbruik: {amount}",
        used_of="Verbruik, {meter}: {amount}",
        item="Post",
        amount="Bedrag",
        total="Totaal",
        with_tax="Totaal, inclusief btw",
        without_tax="Totaal, exclusief btw",
        tariff="Tariefversie {version}",
        quote="Prijsopgave {quote}",
        evidence="Onderbouwing (SHA-256):",
        nothing="Geen gebruik in deze maand",
    ),
    "en": Headings(
        receipt="Receipt {session}",
        statement="Statement for {month}",
        start="From {moment}",
        end="To {moment}",
        still_open="Still open",
        used="Used: {amount}",
        used_of="Used, {meter}: {amount}",
        item="Item",
        amount="Amount",
        total="Total",
        with_tax="Total, VAT included",
        without_tax="Total, VAT excluded",
        tariff="Tariff version {version}",
        quote="Quote {quote}",
        evidence="Evidence (SHA-256):",
        nothing="No use in this month",
    ),
    "de": Headings(
        receipt="Beleg {session}",
        statement="Aufstellung für {month}",
        start="Beginn: {moment}",
        end="Ende: {moment}",
        still_open="Läuft noch",
        used="Genutzt: {amount}",
        used_of="Genutzt, {meter}: {amount}",
        item="Position",
        amount="Betrag",
        total="Gesamt",
        with_tax="Gesamt, inkl. MwSt.",
        without_tax="Gesamt, zzgl. MwSt.",
        tariff="Tarifversion {version}",
        quote="Preisangebot {quote}",
        evidence="Nachweis (SHA-256):",
        nothing="Keine Nutzung in diesem Monat",
    ),
    "fi": Headings(
        receipt="Kuitti {session}",
        statement="Erittely, {month}",
        start="Alkoi: {moment}",
        end="Päättyi: {moment}",
        still_open="Vielä käynnissä",
        used="Käytetty: {amount}",
        used_of="Käytetty, {meter}: {amount}",
        item="Rivi",
        amount="Summa",
        total="Yhteensä",
        with_tax="Yhteensä, sis. arvonlisäveron",
        without_tax="Yhteensä, ilman arvonlisäveroa",
        tariff="Hinnaston versio {version}",
        quote="Hintatarjous {quote}",
        evidence="Todisteet (SHA-256):",
        nothing="Ei käyttöä tässä kuussa",
    ),
}
