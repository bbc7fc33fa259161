"""What a receipt of a withdrawal says, in the languages of the countries whose law is known."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.kernel.languages import LAST


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
    may: str
    asked: str
    not_asked: str
    never: str


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
        may=(
            "You may withdraw from this contract without giving a reason up to and including {last}: "
            "under “{withdraw}”, or by any clear statement."
        ),
        asked=(
            "You have asked that it begin before that: if you withdraw, you pay for the time that you "
            "had, and once it is wholly performed the right is lost."
        ),
        not_asked="If you withdraw, you owe nothing.",
        never="There is no right to withdraw from this contract.",
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
        may=(
            "Du kan fortryde aftalen uden at give en grund til og med {last}: under “{withdraw}”, eller"
            " ved enhver tydelig meddelelse."
        ),
        asked=(
            "Du har bedt om, at den begynder før da: fortryder du, betaler du for den tid, du har haft,"
            " og når den er helt udført, ophører retten."
        ),
        not_asked="Fortryder du, skylder du intet.",
        never="Aftalen kan ikke fortrydes.",
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
        may=(
            "Du kan frånträda avtalet utan att ange skäl till och med {last}: under ”{withdraw}”, eller"
            " genom varje tydligt meddelande."
        ),
        asked=(
            "Du har begärt att det börjar före dess: frånträder du betalar du för den tid du har haft, "
            "och när det är helt fullgjort upphör rätten."
        ),
        not_asked="Frånträder du är du inget skyldig.",
        never="Avtalet kan inte frånträdas.",
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
        may=(
            "Je kunt deze overeenkomst zonder reden herroepen tot en met {last}: onder “{withdraw}”, of"
            " met elke duidelijke verklaring."
        ),
        asked=(
            "Je hebt gevraagd dat ze eerder begint: herroep je, dan betaal je voor de tijd die je hebt "
            "gehad, en is ze geheel uitgevoerd, dan vervalt het recht."
        ),
        not_asked="Herroep je, dan ben je niets verschuldigd.",
        never="Deze overeenkomst kan niet worden herroepen.",
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
        may=(
            "Sie können diesen Vertrag ohne Angabe von Gründen bis einschließlich {last} widerrufen: "
            "unter „{withdraw}“ oder durch jede eindeutige Erklärung."
        ),
        asked=(
            "Sie haben verlangt, dass er vorher beginnt: Widerrufen Sie, zahlen Sie für die Zeit, die "
            "Sie hatten; ist er vollständig erfüllt, erlischt das Recht."
        ),
        not_asked="Widerrufen Sie, schulden Sie nichts.",
        never="Für diesen Vertrag besteht kein Widerrufsrecht.",
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
        may=(
            "Voit peruuttaa sopimuksen syytä ilmoittamatta viimeistään {last}: kohdassa ”{withdraw}” "
            "tai millä tahansa selvällä ilmoituksella."
        ),
        asked=(
            "Olet pyytänyt, että se alkaa ennen sitä: jos peruutat, maksat ajasta, joka sinulla oli, ja"
            " kun se on kokonaan suoritettu, oikeus lakkaa."
        ),
        not_asked="Jos peruutat, et ole velkaa mitään.",
        never="Tätä sopimusta ei voi peruuttaa.",
    ),
}


def words_in(language: str) -> ReceiptWords:
    """The language's words, or the English ones."""
    return WORDS.get(language, WORDS[LAST])
