"""What stands on an invoice and a credit note around their lines, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.kernel.languages import Language


@dataclass(frozen=True)
class DocumentWords:
    """One language's words; what has a brace takes the thing that it is about. `lines` are by what a line is about."""

    invoice: str
    credit_note: str
    without_number: str
    issued: str
    seller: str
    buyer: str
    vat_number: str
    purchase_order: str
    cost_centre: str
    rate: str
    net: str
    tax: str
    gross: str
    asks: str
    from_wallet: str
    reason: str
    reverse_charge: str
    lines: Mapping[str, str]


DOCUMENT_WORDS: Mapping[Language, DocumentWords] = {
    "da": DocumentWords(
        invoice="Faktura {number}",
        credit_note="Kreditnota {number}",
        without_number="Regning {number}",
        issued="Udstedt {moment}",
        seller="Sælger",
        buyer="Køber",
        vat_number="Momsnummer: {number}",
        purchase_order="Indkøbsordre: {number}",
        cost_centre="Omkostningssted: {number}",
        rate="Momssats",
        net="Uden moms",
        tax="Moms",
        gross="Med moms",
        asks="At betale",
        from_wallet="Betalt fra din tegnebog",
        reason="Grund: {reason}",
        reverse_charge="{country}, omvendt betalingspligt: køber skal betale momsen",
        lines={
            "session": "Brug {reference}",
            "subscription": "Abonnement {reference}",
            "owed": "Skyldigt: {reference}",
            "ordered": "Bestilt: {reference}",
            "product": "Brug af {reference}",
            "adjustment": "Rettelse af {reference}",
            "carried": "Overført fra {reference}",
            "carried_on": "Overføres til {reference}",
            "others": "Øvrigt brug: {reference}",
            "goodwill": "Kulance, {reference}",
        },
    ),
    "sv": DocumentWords(
        invoice="Faktura {number}",
        credit_note="Kreditnota {number}",
        without_number="Räkning {number}",
        issued="Utfärdad {moment}",
        seller="Säljare",
        buyer="Köpare",
        vat_number="Momsregistreringsnummer: {number}",
        purchase_order="Inköpsorder: {number}",
        cost_centre="Kostnadsställe: {number}",
        rate="Momssats",
        net="Exklusive moms",
        tax="Moms",
        gross="Inklusive moms",
        asks="Att betala",
        from_wallet="Betalt från din plånbok",
        reason="Orsak: {reason}",
        reverse_charge="{country}, omvänd betalningsskyldighet: köparen redovisar momsen",
        lines={
            "session": "Användning {reference}",
            "subscription": "Abonnemang {reference}",
            "owed": "Att ersätta: {reference}",
            "ordered": "Beställt: {reference}",
            "product": "Användning av {reference}",
            "adjustment": "Rättelse av {reference}",
            "carried": "Överfört från {reference}",
            "carried_on": "Överförs till {reference}",
            "others": "Övrig användning: {reference}",
            "goodwill": "Goodwill, {reference}",
        },
    ),
    "nl": DocumentWords(
        invoice="Factuur {number}",
        credit_note="Creditnota {number}",
        without_number="Rekening {number}",
        issued="Uitgereikt op {moment}",
        seller="Verkoper",
        buyer="Koper",
        vat_number="Btw-nummer: {number}",
        purchase_order="Inkooporder: {number}",
        cost_centre="Kostenplaats: {number}",
        rate="Btw-tarief",
        net="Zonder btw",
        tax="Btw",
        gross="Met btw",
        asks="Te betalen",
        from_wallet="Betaald uit uw tegoed",
        reason="Reden: {reason}",
        reverse_charge="{country}, btw verlegd: de koper draagt de btw af",
        lines={
            "session": "Gebruik {reference}",
            "subscription": "Abonnement {reference}",
            "owed": "Verschuldigd: {reference}",
            "ordered": "Besteld: {reference}",
            "product": "Gebruik van {reference}",
            "adjustment": "Correctie van {reference}",
            "carried": "Overgedragen van {reference}",
            "carried_on": "Overgedragen naar {reference}",
            "others": "Overig gebruik: {reference}",
            "goodwill": "Coulance, {reference}",
        },
    ),
    "en": DocumentWords(
        invoice="Invoice {number}",
        credit_note="Credit note {number}",
        without_number="Bill {number}",
        issued="Issued {moment}",
        seller="Seller",
        buyer="Buyer",
        vat_number="VAT number: {number}",
        purchase_order="Purchase order: {number}",
        cost_centre="Cost centre: {number}",
        rate="VAT rate",
        net="Without VAT",
        tax="VAT",
        gross="With VAT",
        asks="To pay",
        from_wallet="Paid from your wallet",
        reason="Reason: {reason}",
        reverse_charge="{country}, reverse charge: the buyer owes the VAT",
        lines={
            "session": "Use {reference}",
            "subscription": "Subscription {reference}",
            "owed": "Owed: {reference}",
            "ordered": "Ordered: {reference}",
            "product": "Use of {reference}",
            "adjustment": "Correction of {reference}",
            "carried": "Carried over from {reference}",
            "carried_on": "Carried on to {reference}",
            "others": "Other uses: {reference}",
            "goodwill": "Goodwill, {reference}",
        },
    ),
    "de": DocumentWords(
        invoice="Rechnung {number}",
        credit_note="Gutschrift (Rechnungskorrektur) {number}",
        without_number="Abrechnung {number}",
        issued="Ausgestellt am {moment}",
        seller="Verkäufer",
        buyer="Käufer",
        vat_number="USt-IdNr.: {number}",
        purchase_order="Bestellnummer: {number}",
        cost_centre="Kostenstelle: {number}",
        rate="Steuersatz",
        net="Netto",
        tax="MwSt.",
        gross="Brutto",
        asks="Zu zahlen",
        from_wallet="Aus Ihrem Guthaben bezahlt",
        reason="Grund: {reason}",
        reverse_charge="{country}, Steuerschuldnerschaft des Leistungsempfängers: der Käufer schuldet die Umsatzsteuer",
        lines={
            "session": "Nutzung {reference}",
            "subscription": "Abonnement {reference}",
            "owed": "Zu ersetzen: {reference}",
            "ordered": "Bestellt: {reference}",
            "product": "Nutzung von {reference}",
            "adjustment": "Berichtigung von {reference}",
            "carried": "Übertrag aus {reference}",
            "carried_on": "Übertrag auf {reference}",
            "others": "Weitere Nutzungen: {reference}",
            "goodwill": "Kulanz, {reference}",
        },
    ),
    "fi": DocumentWords(
        invoice="Lasku {number}",
        credit_note="Hyvityslasku {number}",
        without_number="Veloitus {number}",
        issued="Päivätty {moment}",
        seller="Myyjä",
        buyer="Ostaja",
        vat_number="ALV-tunniste: {number}",
        purchase_order="Ostotilaus: {number}",
        cost_centre="Kustannuspaikka: {number}",
        rate="Verokanta",
        net="Veroton",
        tax="Alv",
        gross="Verollinen",
        asks="Maksettavaa",
        from_wallet="Maksettu lompakostasi",
        reason="Syy: {reason}",
        reverse_charge="{country}, käännetty verovelvollisuus: ostaja suorittaa arvonlisäveron",
        lines={
            "session": "Käyttö {reference}",
            "subscription": "Tilaus {reference}",
            "owed": "Korvattavaa: {reference}",
            "ordered": "Tilattu: {reference}",
            "product": "Tuotteen {reference} käyttö",
            "adjustment": "Oikaisu: {reference}",
            "carried": "Siirretty: {reference}",
            "carried_on": "Siirretään: {reference}",
            "others": "Muu käyttö: {reference}",
            "goodwill": "Hyvän tahdon hyvitys, {reference}",
        },
    ),
}
