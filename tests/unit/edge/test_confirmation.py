"""The confirmation of a subscription, in the language of its terms."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.edge.subscription_words import WORDS, confirmation_text, page, whole_text
from chalicelib.kernel.languages import LANGUAGES, Language
from chalicelib.subscriptions.plan import PassTerms, Plan, PlanKind
from chalicelib.subscriptions.subscription import Pause, Phase, Subscription
from chalicelib.subscriptions.terms import Terms

NOW = datetime(2026, 3, 27, 9, tzinfo=UTC)
FEE = {"id": "fee", "kind": "recurring", "charge_class": "ordered", "amount": "99.50", "per": "month", "per_seat": True}
PLAN = Plan(
    "family",
    2,
    PlanKind.SUBSCRIPTION,
    {"da": "Familie", "en": "Family"},
    "7",
    {"currency": "DKK", "prices": [FEE]},
    asleep_after_days=30,
)
TERMS = Terms("7", {"da": "Vilkår.\n\nHold dem.", "is": "Skilmálar."}, NOW, "olga")


def made(language: str = "da", **given: object) -> Subscription:
    phase = Phase("family", 2, NOW, seats=3)
    return Subscription("sub_1", "acc_1", "cus_1", "7", language, NOW, phase, **given)  # type: ignore[arg-type]


def test_it_says_what_was_agreed_line_by_line() -> None:
    text = confirmation_text(made(), PLAN, TERMS, NOW, "Europe/Copenhagen")

    assert text.splitlines() == [
        "Bekræftelse af Familie",
        "Aftale sub_1",
        "Aftalt 27. marts 2026 10.00.00 CET",
        "Gælder fra 27. marts 2026 10.00.00 CET",
        "Pladser: 3",
        "99,50\N{NO-BREAK SPACE}kr. om måneden for hver plads",
        "Bruges intet i 30 dage, koster det intet, før det bruges igen",
        f"Vilkår 7 (da), SHA-256 {TERMS.digest('da')}",
    ]
    assert whole_text(text, TERMS.texts["da"]).endswith(f"{TERMS.digest('da')}\n\nVilkår.\n\nHold dem.\n")


def test_a_language_that_is_not_spoken_is_english_with_its_own_terms() -> None:
    text = confirmation_text(made("is"), PLAN, TERMS, NOW, "UTC")

    assert text.startswith("Confirmation of Family\n")
    assert f"Terms 7 (is), SHA-256 {TERMS.digest('is')}" in text


def test_a_pause_a_change_to_come_and_a_pass_are_told() -> None:
    later = NOW + timedelta(days=10)
    paused = made(pause=Pause(NOW, later), next_phase=Phase("family", 2, later, seats=5))
    text = confirmation_text(paused, PLAN, TERMS, NOW, "UTC")
    assert "Sat på pause til 6. april 2026" in text
    assert "Gælder fra 6. april 2026" in text
    assert "Pladser: 5" in text
    assert "Sat på pause, til du vækker det" in confirmation_text(made(pause=Pause(NOW)), PLAN, TERMS, NOW, "UTC")
    once = {"currency": "DKK", "prices": [{"id": "ten", "kind": "once", "charge_class": "ordered", "amount": "150"}]}
    ten = Plan("ten", 1, PlanKind.PASS, {"da": "Ti ture"}, "7", once, lasts=PassTerms(days=10, uses=10))
    phase = Phase("ten", 1, NOW, later)
    text = confirmation_text(_with(phase), ten, TERMS, NOW, "UTC")
    assert "Ture: 10" in text
    assert "Udløber 6. april 2026" in text
    assert "150,00\N{NO-BREAK SPACE}kr. én gang" in text
    free = Plan("free", 1, PlanKind.SUBSCRIPTION, {"da": "Gratis"}, "7")
    assert "Uden gebyr" in confirmation_text(made(), free, TERMS, NOW, "UTC")


def _with(phase: Phase) -> Subscription:
    return Subscription("sub_1", "acc_1", "cus_1", "7", "da", NOW, phase, uses_left=10, is_pass=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_words_for_every_way_to_pay(language: Language) -> None:
    assert WORDS[language].prices.keys() == {"month", "day", "once"}
    assert all("{amount}" in each for each in WORDS[language].prices.values())


def test_what_an_operator_writes_is_text_on_a_page() -> None:
    shown = page("Confirmation of <b>\nSeats: 1\n", "Be <i>kind</i>.\n\nAlways.", "en")

    assert "<h1>Confirmation of &lt;b&gt;</h1>" in shown
    assert "<p>Be &lt;i&gt;kind&lt;/i&gt;.</p>" in shown
    assert "<p>Always.</p>" in shown
