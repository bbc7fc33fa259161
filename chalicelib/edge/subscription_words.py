"""The confirmation of a subscription: what was agreed, in the customer's language, as a text to keep and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from chalicelib.edge.page_frame import framed
from chalicelib.edge.words import Words
from chalicelib.kernel.languages import LANGUAGES, LAST
from chalicelib.kernel.time import zone as zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from chalicelib.subscriptions.plan import Plan
    from chalicelib.subscriptions.subscription import Subscription
    from chalicelib.subscriptions.terms import Terms


@dataclass(frozen=True)
class ConfirmationWords:
    """One language's words; what has a brace takes the thing that it is about."""

    title: str
    agreed: str
    begins: str
    ends: str
    paused: str
    paused_until: str
    seats: str
    free: str
    prices: Mapping[str, str]
    per_seat: str
    asleep: str
    uses: str
    accepted: str
    number: str


WORDS: Mapping[str, ConfirmationWords] = {
    "da": ConfirmationWords(
        title="Bekræftelse af {plan}",
        agreed="Aftalt {moment}",
        begins="Gælder fra {moment}",
        ends="Udløber {moment}",
        paused="Sat på pause, til du vækker det",
        paused_until="Sat på pause til {moment}",
        seats="Pladser: {many}",
        free="Uden gebyr",
        prices={"month": "{amount} om måneden", "day": "{amount} om dagen", "once": "{amount} én gang"},
        per_seat="{price} for hver plads",
        asleep="Bruges intet i {days} dage, koster det intet, før det bruges igen",
        uses="Ture: {many}",
        accepted="Vilkår {version} ({language}), SHA-256 {digest}",
        number="Aftale {number}",
    ),
    "sv": ConfirmationWords(
        title="Bekräftelse av {plan}",
        agreed="Avtalat {moment}",
        begins="Gäller från {moment}",
        ends="Går ut {moment}",
        paused="Pausat tills du väcker det",
        paused_until="Pausat till {moment}",
        seats="Platser: {many}",
        free="Utan avgift",
        prices={"month": "{amount} i månaden", "day": "{amount} om dagen", "once": "{amount} en gång"},
        per_seat="{price} för varje plats",
        asleep="Används inget på {days} dagar kostar det inget förrän det används igen",
        uses="Resor: {many}",
        accepted="Villkor {version} ({language}), SHA-256 {digest}",
        number="Avtal {number}",
    ),
    "nl": ConfirmationWords(
        title="Bevestiging van {plan}",
        agreed="Overeengekomen {moment}",
        begins="Geldt vanaf {moment}",
        ends="Loopt af {moment}",
        paused="Gepauzeerd tot je het wekt",
        paused_until="Gepauzeerd tot {moment}",
        seats="Plaatsen: {many}",
        free="Zonder vaste kosten",
        prices={"month": "{amount} per maand", "day": "{amount} per dag", "once": "{amount} eenmalig"},
        per_seat="{price} voor elke plaats",
        asleep="Wordt {days} dagen niets gebruikt, dan kost het niets tot het weer wordt gebruikt",
        uses="Ritten: {many}",
        accepted="Voorwaarden {version} ({language}), SHA-256 {digest}",
        number="Overeenkomst {number}",
    ),
    "en": ConfirmationWords(
        title="Confirmation of {plan}",
        agreed="Agreed {moment}",
        begins="In force from {moment}",
        ends="Runs out {moment}",
        paused="Paused until you wake it",
        paused_until="Paused until {moment}",
        seats="Seats: {many}",
        free="Without a fee",
        prices={"month": "{amount} a month", "day": "{amount} a day", "once": "{amount} once"},
        per_seat="{price} for each seat",
        asleep="If nothing is used for {days} days, it costs nothing until it is used again",
        uses="Uses: {many}",
        accepted="Terms {version} ({language}), SHA-256 {digest}",
        number="Agreement {number}",
    ),
    "de": ConfirmationWords(
        title="Bestätigung: {plan}",
        agreed="Vereinbart am {moment}",
        begins="Gilt ab {moment}",
        ends="Läuft ab am {moment}",
        paused="Pausiert, bis Sie es fortsetzen",
        paused_until="Pausiert bis {moment}",
        seats="Plätze: {many}",
        free="Ohne Grundgebühr",
        prices={"month": "{amount} pro Monat", "day": "{amount} pro Tag", "once": "{amount} einmalig"},
        per_seat="{price} für jeden Platz",
        asleep="Wird {days} Tage lang nichts genutzt, kostet es nichts, bis es wieder genutzt wird",
        uses="Nutzungen: {many}",
        accepted="Bedingungen {version} ({language}), SHA-256 {digest}",
        number="Vertrag {number}",
    ),
    "fi": ConfirmationWords(
        title="Vahvistus: {plan}",
        agreed="Sovittu {moment}",
        begins="Voimassa alkaen {moment}",
        ends="Voimassaolo päättyy {moment}",
        paused="Tauolla, kunnes otat sen taas käyttöön",
        paused_until="Tauko päättyy {moment}",
        seats="Paikkoja: {many}",
        free="Ilman perusmaksua",
        prices={"month": "{amount} kuukaudessa", "day": "{amount} päivässä", "once": "{amount} kertamaksuna"},
        per_seat="{price} jokaisesta paikasta",
        asleep="Jos mitään ei käytetä {days} päivään, se ei maksa mitään, ennen kuin sitä taas käytetään",
        uses="Käyttökertoja: {many}",
        accepted="Ehdot {version} ({language}), SHA-256 {digest}",
        number="Sopimus {number}",
    ),
}


def confirmation_text(subscription: Subscription, plan: Plan, terms: Terms, now: datetime, zone: str) -> str:
    """What was agreed now, a line for each thing. The terms are kept by their version, which never changes."""
    language = subscription.language if subscription.language in LANGUAGES else LAST
    said, words = WORDS[language], Words(language)
    phase = subscription.next_phase or subscription.phase
    pause = subscription.pause_at(now)

    def moment(at: datetime) -> str:
        return words.formats.moment(at, zone_named(zone))

    lines = [
        said.title.format(plan=plan.name_in(subscription.language)),
        said.number.format(number=subscription.subscription_id),
        said.agreed.format(moment=moment(now)),
        said.begins.format(moment=moment(phase.since)),
        *([] if subscription.ends_at is None else [said.ends.format(moment=moment(subscription.ends_at))]),
        *([] if subscription.uses_left is None else [said.uses.format(many=subscription.uses_left)]),
        said.seats.format(many=phase.seats),
        *(_prices(plan, said, words)),
    ]
    if pause is not None:
        until = pause.until
        lines.append(said.paused if until is None else said.paused_until.format(moment=moment(until)))
    digest = terms.digest(subscription.language)
    lines.append(said.accepted.format(version=terms.version, language=subscription.language, digest=digest))
    return "\n".join(lines) + "\n"


def _prices(plan: Plan, said: ConfirmationWords, words: Words) -> Iterator[str]:
    if plan.fee is None:
        yield said.free
        return
    for each in plan.fee["prices"]:
        yield _price(each, plan.fee["currency"], said, words)
    if plan.asleep_after_days is not None:
        yield said.asleep.format(days=plan.asleep_after_days)


def _price(each: Mapping[str, Any], currency: str, said: ConfirmationWords, words: Words) -> str:
    amount = words.formats.money(Decimal(each["amount"]), currency)
    price = said.prices[each.get("per", "once")].format(amount=amount)
    return said.per_seat.format(price=price) if each.get("per_seat") else price


def whole_text(confirmation: str, terms: str) -> str:
    """The confirmation with the terms that were accepted."""
    return f"{confirmation}\n{terms.rstrip()}\n"


def page(confirmation: str, terms: str, language: str) -> str:
    """The same for a browser, a printer, and a screen reader."""
    title, *lines = confirmation.splitlines()
    facts = "".join(f"<li>{escape(line)}</li>" for line in lines)
    paragraphs = [each.strip() for each in terms.split("\n\n")]
    return framed(language, title, (f"<ul>{facts}</ul>", *(f"<p>{escape(each)}</p>" for each in paragraphs if each)))
