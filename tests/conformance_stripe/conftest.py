"""Which Stripe is asked: the double, or, for `make conformance-stripe`, whatever its settings name."""

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from infra.local.stripe_double.trying import SECRET_KEY, START, trial
from tests.conformance_stripe.__main__ import FOR_REAL, missing
from tests.conformance_stripe.side import Side


@pytest.fixture(scope="module")
def side() -> Iterator[Side]:
    if os.environ.get(FOR_REAL):
        assert not missing(os.environ)
        base = os.environ.get("STRIPE_API_BASE") or None
        now = datetime.now(UTC) if base is None else START
        yield Side(os.environ["STRIPE_API_KEY"], base, secrets.token_hex(4), now)
        return
    with trial() as running:
        yield Side(SECRET_KEY, running.address, "double", START)


@pytest.fixture
def account(side: Side) -> str:
    return side.account()


@pytest.fixture
def customer(side: Side, account: str) -> str:
    return side.customer(account)


@pytest.fixture
def method(side: Side, account: str, customer: str) -> str:
    return side.card(account, customer)
