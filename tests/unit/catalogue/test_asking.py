"""What a product asks of its customers before a start: what they show and agree to, and what is held."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalogue.asking import Hold
from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.catalogue.product_items import product_of, product_record
from chalicelib.kernel.money import Money
from chalicelib.kernel.requirement import NotARequirement, Requirement, Shown
from chalicelib.storage.record import Database

REQUIRES = ("identity", "age:18", "driving_licence:B", "student")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("identity", Requirement(Shown.IDENTITY)),
        ("student", Requirement(Shown.STUDENT)),
        ("age:18", Requirement(Shown.AGE, at_least=18)),
        ("driving_licence", Requirement(Shown.DRIVING_LICENCE)),
        ("driving_licence:BE", Requirement(Shown.DRIVING_LICENCE, detail="BE")),
        ("resident:FI", Requirement(Shown.RESIDENT, detail="FI")),
        ("resident:FI-091", Requirement(Shown.RESIDENT, detail="FI-091")),
    ],
)
def test_a_requirement_is_read_and_written_alike(text: str, read: Requirement) -> None:
    assert Requirement.parse(text) == read
    assert str(read) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "age", "age:0", "age:121", "age:018", "driving_licence:", "driving_licence:b"),
        *("resident", "resident:", "resident:fi", "resident:FI-", "resident:FIN"),
    ],
)
def test_what_is_no_requirement_is_refused(text: str) -> None:
    with pytest.raises(NotARequirement):
        Requirement.parse(text)
    with pytest.raises(BadCatalogueEntry) as refused:
        UsePolicy(requires=(text,))
    assert refused.value.facts["pointer"] == "/policy/requires"


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        ({"requires": ("age:18", "age:18")}, "/policy/requires"),
        ({"requires": tuple(f"age:{age}" for age in range(10, 21))}, "/policy/requires"),
        ({"consents": ("position",)}, "/policy/consents"),
        ({"consents": ("Position:1",)}, "/policy/consents"),
        ({"consents": ("position:1", "position:2")}, "/policy/consents"),
        ({"consents": ("link:1",)}, "/policy/consents"),
    ],
)
def test_a_policy_asks_each_thing_once_and_in_its_own_words(policy: dict[str, tuple[str, ...]], pointer: str) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        UsePolicy(**policy)  # type: ignore[arg-type]
    assert refused.value.facts["pointer"] == pointer


@pytest.mark.parametrize(
    ("amount", "share", "pointer"),
    [
        (None, None, "/policy/hold"),
        ("1.00", "0.5", "/policy/hold"),
        ("0", None, "/policy/hold/amount"),
        ("-1", None, "/policy/hold/amount"),
        (None, "0", "/policy/hold/share"),
        (None, "1.01", "/policy/hold/share"),
        (None, "0.00001", "/policy/hold/share"),
    ],
)
def test_a_hold_is_an_amount_or_a_share(amount: str | None, share: str | None, pointer: str) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        Hold(Money.of(amount, "EUR") if amount else None, Decimal(share) if share else None)
    assert refused.value.facts["pointer"] == pointer


def test_a_hold_is_the_same_for_every_quote_or_grows_with_the_worst_case() -> None:
    worst = Money.of("9.01", "EUR")

    assert Hold(amount=Money.of("50.00", "EUR")).of(worst) == Money.of("50.00", "EUR")
    assert Hold(share=Decimal("0.5")).of(worst) == Money.of("4.51", "EUR")


@given(st.integers(0, 10**9), st.integers(1, 10_000))
def test_a_share_of_the_worst_case_is_never_more_than_it(minor: int, share: int) -> None:
    held = Hold(share=Decimal(share) / 10_000).of(Money(minor, "EUR"))

    assert 0 <= held.minor <= minor
    assert abs(held.minor * 10_000 - minor * share) <= 5_000


@pytest.mark.parametrize("hold", [None, Hold(amount=Money.of("20", "EUR")), Hold(share=Decimal("0.25"))])
def test_what_is_asked_comes_back_from_its_item_as_it_was(hold: Hold | None) -> None:
    policy = UsePolicy(requires=REQUIRES, consents=("position:2",), hold=hold)
    product = Product("par-1", "car", "Car", "cars", "Europe/Helsinki", policy=policy)
    Database.use("adgang-unit-")
    try:
        assert product_of(product_record(product)) == product
    finally:
        Database.prefix = None
