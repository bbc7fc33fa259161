"""What a receipt of a withdrawal says, in the languages of the countries whose law is known."""

from collections.abc import Mapping
from dataclasses import dataclass

_LAST = "en"


@dataclass(frozen=True, slots=True)
class ReceiptWords:
    """One language's words."""

    title: str
    said: str
    name: str
    contact: str
    subscription: str
    plan: str
    agreed: str
    stated: str
    confirmed: str
    charged: str
    owed: str
    back: str
    back_by: str
    law: str


WORDS: Mapping[str, ReceiptWords] = {
    "en": ReceiptWords(
        title="Receipt of your withdrawal",
        said="You have withdrawn from this contract. It has ended, and nothing more is charged for it.",
        name="Name",
        contact="Contact",
        subscription="Subscription",
        plan="Plan",
        agreed="Agreed",
        stated="Stated",
        confirmed="Confirmed",
        charged="Price of the time up to now",
        owed="Of that you owe",
        back="Of that you do not pay, or have back",
        back_by="At the latest on",
        law="Law",
    ),
    "da": ReceiptWords(
        title="Kvittering for din fortrydelse",
        said="Du har fortrudt denne aftale. Den er ophørt, og der opkræves ikke mere for den.",
        name="Navn",
        contact="Kontakt",
        subscription="Abonnement",
        plan="Plan",
        agreed="Indgået",
        stated="Meddelt",
        confirmed="Bekræftet",
        charged="Pris for tiden indtil nu",
        owed="Heraf skylder du",
        back="Heraf betaler du ikke, eller får tilbage",
        back_by="Senest den",
        law="Lov",
    ),
    "sv": ReceiptWords(
        title="Kvitto på att du har frånträtt avtalet",
        said="Du har frånträtt detta avtal. Det har upphört, och inget mer tas ut för det.",
        name="Namn",
        contact="Kontakt",
        subscription="Abonnemang",
        plan="Plan",
        agreed="Ingånget",
        stated="Meddelat",
        confirmed="Bekräftat",
        charged="Pris för tiden fram till nu",
        owed="Av detta är du skyldig",
        back="Av detta betalar du inte, eller får tillbaka",
        back_by="Senast den",
        law="Lag",
    ),
    "nl": ReceiptWords(
        title="Ontvangstbevestiging van je herroeping",
        said="Je hebt deze overeenkomst herroepen. Ze is geëindigd en er wordt niets meer voor in rekening gebracht.",
        name="Naam",
        contact="Contact",
        subscription="Abonnement",
        plan="Plan",
        agreed="Gesloten",
        stated="Verklaard",
        confirmed="Bevestigd",
        charged="Prijs van de tijd tot nu toe",
        owed="Daarvan ben je verschuldigd",
        back="Daarvan betaal je niet, of krijg je terug",
        back_by="Uiterlijk op",
        law="Wet",
    ),
    "de": ReceiptWords(
        title="Eingangsbestätigung Ihres Widerrufs",
        said="Sie haben diesen Vertrag widerrufen. Er ist beendet, und es wird nichts mehr dafür berechnet.",
        name="Name",
        contact="Kontakt",
        subscription="Abonnement",
        plan="Tarif",
        agreed="Geschlossen",
        stated="Erklärt",
        confirmed="Bestätigt",
        charged="Preis der Zeit bis jetzt",
        owed="Davon schulden Sie",
        back="Davon zahlen Sie nicht oder erhalten Sie zurück",
        back_by="Spätestens am",
        law="Gesetz",
    ),
    "fi": ReceiptWords(
        title="Vahvistus sopimuksen peruuttamisesta",
        said="Olet peruuttanut tämän sopimuksen. Se on päättynyt, eikä siitä veloiteta enää mitään.",
        name="Nimi",
        contact="Yhteystieto",
        subscription="Tilaus",
        plan="Palvelupaketti",
        agreed="Tehty",
        stated="Ilmoitettu",
        confirmed="Vahvistettu",
        charged="Hinta tähän asti",
        owed="Siitä maksat",
        back="Siitä et maksa tai saat takaisin",
        back_by="Viimeistään",
        law="Laki",
    ),
}


def words_in(language: str) -> ReceiptWords:
    """The language's words, or the English ones."""
    return WORDS.get(language, WORDS[_LAST])
