"""An API key is shown once, stored as a peppered digest, and refused without a word about what was wrong."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Conflict
from chalicelib.partners.errors import KeyRefused, NameMissing, UnknownKey, UnknownPartner
from chalicelib.partners.keys import KeyText
from chalicelib.partners.model import ApiKey, Partner
from chalicelib.partners.service import IssuedKey, KeyMaker, authenticate, create_partner, issue_key, revoke_key
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 5, 1, tzinfo=UTC)
PEPPER = b"pepper"


class PartnersInMemory:
    """Satisfies `partners.ports.Partners`."""

    def __init__(self) -> None:
        self.partners: dict[str, Partner] = {}
        self.listed: dict[str, Partner] = {}
        self.keys: dict[str, ApiKey] = {}

    def find(self, partner_id: str) -> Partner | None:
        return self.partners.get(partner_id)

    def key(self, key_id: str) -> ApiKey | None:
        return self.keys.get(key_id)

    def keys_of(self, partner_id: str) -> Sequence[ApiKey]:
        return [each for each in self.keys.values() if each.partner_id == partner_id]

    def all(self, *, limit: int | None = None, after: str | None = None) -> list[Partner]:
        behind = [self.listed[each] for each in sorted(self.listed) if after is None or each > after]
        return behind[:limit]

    def adding(self, partner: Partner) -> list[InMemory]:
        own = write(Conflict(), lambda: self.partners.update({partner.partner_id: partner}))
        return [own, self.listing(partner)]

    def listing(self, partner: Partner) -> InMemory:
        return write(Conflict(), lambda: self.listed.update({partner.partner_id: partner}))

    def adding_key(self, key: ApiKey) -> list[InMemory]:
        return [write(Conflict(), lambda: self.keys.update({key.key_id: key}))]

    def revoking(self, key: ApiKey) -> list[InMemory]:
        return [write(Conflict(), lambda: self.keys.update({key.key_id: key}))]


class Office:
    """Partners with the maker of their keys."""

    def __init__(self) -> None:
        self.partners, self.commit = PartnersInMemory(), Commits()
        self.maker = KeyMaker("test", PEPPER, random.Random(1).randbytes)

    def create(self, name: str = "Bikes") -> IssuedKey:
        return create_partner(name, partners=self.partners, maker=self.maker, now=NOW, commit=self.commit)

    def authenticated(self, text: str, *, mode: str = "test", pepper: bytes = PEPPER) -> ApiKey:
        return authenticate(text, partners=self.partners, mode=mode, pepper=pepper)


def test_a_new_partner_can_call_at_once_with_the_key_that_was_shown() -> None:
    office = Office()
    issued = office.create("  Bikes ")

    assert office.authenticated(issued.text) == issued.key
    assert (issued.partner.name, issued.key.partner_id) == ("Bikes", issued.partner.partner_id)


def test_what_is_stored_does_not_tell_the_secret() -> None:
    issued = Office().create()

    assert KeyText.parse(issued.text).secret not in repr(issued.key)
    assert len(issued.key.secret_hash) == 64


@given(st.integers(0, 2**32), st.data())
def test_a_key_with_any_character_changed_is_refused(seed: int, data: st.DataObject) -> None:
    office = Office()
    office.maker = replace(office.maker, random_bytes=random.Random(seed).randbytes)
    text = office.create().text
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters().filter(lambda each: each != text[place]))

    with pytest.raises(KeyRefused) as refused:
        office.authenticated(text[:place] + letter + text[place + 1 :])
    assert not refused.value.facts


def test_a_key_of_the_other_mode_or_under_another_pepper_is_refused() -> None:
    office = Office()
    text = office.create().text

    for wrong in ({"mode": "live"}, {"pepper": b"salt"}):
        with pytest.raises(KeyRefused):
            office.authenticated(text, **wrong)  # type: ignore[arg-type]


def test_a_revoked_key_is_refused_at_once_and_the_others_go_on() -> None:
    office = Office()
    first = office.create()
    second = issue_key(
        first.partner.partner_id, "second", partners=office.partners, maker=office.maker, now=NOW, commit=office.commit
    )
    for hours in (1, 2):
        revoked = revoke_key(
            first.partner.partner_id,
            first.key.key_id,
            partners=office.partners,
            now=NOW + timedelta(hours=hours),
            commit=office.commit,
        )
        assert revoked.revoked_at == NOW + timedelta(hours=1)

    with pytest.raises(KeyRefused):
        office.authenticated(first.text)
    assert office.authenticated(second.text).label == "second"


def test_a_partner_revokes_its_own_keys_only() -> None:
    office = Office()
    mine, theirs = office.create(), office.create("Tools")

    with pytest.raises(UnknownKey):
        revoke_key(mine.partner.partner_id, theirs.key.key_id, partners=office.partners, now=NOW, commit=office.commit)
    assert office.authenticated(theirs.text)


def test_no_key_is_issued_to_a_partner_that_is_not_there() -> None:
    office = Office()

    with pytest.raises(UnknownPartner):
        issue_key("par-9", "x", partners=office.partners, maker=office.maker, now=NOW, commit=office.commit)


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_partner_has_a_name(name: str) -> None:
    with pytest.raises(NameMissing):
        Office().create(name)


@pytest.mark.parametrize(
    "text", ["", "adg_test__", "adg_prod_" + "a" * 16 + "_" + "x" * 43, "Bearer x", "adg_test_" * 9]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyRefused):
        KeyText.parse(text)
