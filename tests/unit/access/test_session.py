"""A session ends once; a quote is taken up by the one it was given to, where and while it holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.agreed import Agreed
from chalicelib.access.errors import AlreadyEnded, QuoteForAnother, QuoteForged, QuoteStale, WrongCode
from chalicelib.access.model import Promise, State
from chalicelib.access.quoting import read_quote
from chalicelib.edge.sealing import QuoteSealer
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from tests.unit.access.test_need import SESSION

NOW = datetime(2021, 5, 31, 20, 0, tzinfo=UTC)
PROMISE = Promise(
    quote_id="quo-1",
    account_id="acc-1",
    partner_id="par-1",
    product_id="city-bike",
    asset_id="bike-7",
    code="BIKE-0007",
    tariff_version=3,
    estimate=Money(150, "EUR"),
    worst_case=Money(8900, "EUR"),
    valid_until=NOW + timedelta(minutes=10),
    agreed=Agreed(
        estimate=Money(150, "EUR"),
        worst_case=Money(8900, "EUR"),
        hold=Money(5000, "EUR"),
        terms="2021-05",
        requires=("age:18",),
        consents=("position:1",),
        turn=7,
        over="day",
        warns=("month",),
        bound=Money(100, "EUR"),
    ),
)


def test_a_session_ends_once() -> None:
    ended = SESSION.end(SESSION.started_at + timedelta(minutes=5))

    assert (ended.state, ended.ended_at) == (State.ENDED, SESSION.started_at + timedelta(minutes=5))
    with pytest.raises(AlreadyEnded):
        ended.end(SESSION.started_at + timedelta(minutes=6))


def test_a_session_never_ends_before_it_began_whatever_a_clock_says() -> None:
    assert SESSION.end(SESSION.started_at - timedelta(seconds=3)).ended_at == SESSION.started_at


@pytest.mark.parametrize(
    ("account", "code", "after", "refusal"),
    [
        ("acc-2", "BIKE-0007", timedelta(0), QuoteForAnother),
        ("acc-1", "BIKE-0008", timedelta(0), WrongCode),
        ("acc-1", "BIKE-0007", timedelta(minutes=10), QuoteStale),
    ],
)
def test_a_quote_is_taken_up_by_its_account_at_its_asset_and_in_time(
    account: str, code: str, after: timedelta, refusal: type[Refusal]
) -> None:
    PROMISE.check_taken_up("acc-1", "BIKE-0007", PROMISE.valid_until - timedelta(microseconds=1), "cus-1")
    with pytest.raises(refusal):
        PROMISE.check_taken_up(account, code, NOW + after, "cus-1")


class Plain:
    """A sealer that seals nothing, to look at what is inside."""

    def __init__(self, sealed: dict[str, object]) -> None:
        self.sealed = sealed

    def seal(self, _promise: object) -> str:
        return "token"

    def unseal(self, _token: str) -> dict[str, object]:
        return self.sealed


SEALED: dict[str, object] = {
    "quote_id": "quo-1",
    "account_id": "acc-1",
    "partner_id": "par-1",
    "product_id": "city-bike",
    "asset_id": "bike-7",
    "code": "BIKE-0007",
    "tariff_version": 3,
    "estimate": 150,
    "worst_case": 8900,
    "currency": "EUR",
    "valid_until": "2021-05-31T20:10:00.000000Z",
    "agreed": PROMISE.agreed.document(),
}


def test_a_sealed_promise_is_read_back_as_it_was_given() -> None:
    assert read_quote("token", sealer=Plain(SEALED)) == PROMISE


def test_a_quote_from_before_there_was_more_than_a_price_in_it_is_not_valid_any_more() -> None:
    with pytest.raises(QuoteStale):
        read_quote("token", sealer=Plain({key: value for key, value in SEALED.items() if key != "agreed"}))


@pytest.mark.parametrize("name", sorted({*SEALED} - {"agreed"}))
def test_a_promise_that_lacks_a_part_is_none_that_we_gave(name: str) -> None:
    with pytest.raises(QuoteForged):
        read_quote("token", sealer=Plain({key: value for key, value in SEALED.items() if key != name}))


@pytest.mark.parametrize("agreed", [None, 7, {}, {**PROMISE.agreed.document(), "hold": "5000"}])
def test_a_promise_that_asks_for_nothing_that_can_be_read_is_none_that_we_gave(agreed: object) -> None:
    with pytest.raises(QuoteForged):
        read_quote("token", sealer=Plain({**SEALED, "agreed": agreed}))


OLD, NEW = "old secret of at least 32 characters", "new secret of at least 32 characters"
SEALER = QuoteSealer({"2021-06": NEW, "2021-05": OLD})
TOKEN = SEALER.seal(SEALED)


def test_a_key_that_was_replaced_still_opens_what_it_sealed_and_one_that_was_removed_does_not() -> None:
    before = QuoteSealer({"2021-05": OLD}).seal(SEALED)

    assert read_quote(before, sealer=SEALER) == PROMISE
    with pytest.raises(QuoteForged):
        read_quote(before, sealer=QuoteSealer({"2021-06": NEW}))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("AZaz09_-."))
def test_a_token_with_any_letter_changed_is_forged_or_says_the_same(place: int, letter: str) -> None:
    """
    The last letter of a base 64 text holds two bits that mean nothing; every other change is found out.
    """
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    try:
        assert read_quote(changed, sealer=SEALER) == PROMISE
    except QuoteForged:
        return
    assert changed == TOKEN or place == len(TOKEN) - 1


@pytest.mark.parametrize("token", ["", "a.b.c", TOKEN * 9, "é" * 100, TOKEN.rpartition(".")[0] + "."])
def test_what_is_no_token_of_ours_is_forged(token: str) -> None:
    with pytest.raises(QuoteForged):
        SEALER.unseal(token)


def test_another_sealers_token_is_forged_even_under_the_same_key_id() -> None:
    other = QuoteSealer({"2021-06": OLD})

    with pytest.raises(QuoteForged):
        SEALER.unseal(other.seal(SEALED))
