"""Create partners, issue and revoke keys, recognise a caller by its key."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.writes import Commit
from chalicelib.partners.errors import KeyRefused, UnknownKey, UnknownPartner
from chalicelib.partners.keys import KeyText
from chalicelib.partners.model import ApiKey, Partner
from chalicelib.partners.ports import Partners


@dataclass(frozen=True, slots=True)
class KeyMaker:
    """How keys are made at this stage: `test` or `live`, the pepper, where randomness comes from."""

    mode: str
    pepper: bytes
    random_bytes: RandomBytes


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key and, this once, its text."""

    partner: Partner
    key: ApiKey
    text: str


def create_partner(name: str, *, partners: Partners, maker: KeyMaker, now: datetime, commit: Commit) -> IssuedKey:
    """Make a partner and its first key."""
    partner = Partner(new_id("par", maker.random_bytes), name.strip(), now)
    issued = _make(partner, "first", maker, now)
    return commit([*partners.adding(partner), *partners.adding_key(issued.key)], issued)


def issue_key(
    partner_id: str,
    label: str,
    *,
    partners: Partners,
    maker: KeyMaker,
    now: datetime,
    commit: Commit,
    device_id: str | None = None,
) -> IssuedKey:
    """Give the partner, or one of its devices, one more key; the old ones stay until they are revoked.

    It is listed among all partners with it, if it is older than that list.
    """
    partner = partners.find(partner_id)
    if partner is None:
        raise UnknownPartner(partner_id=partner_id)
    issued = _make(partner, label, maker, now, device_id)
    return commit([*partners.adding_key(issued.key), partners.listing(partner)], issued)


def revoke_key(partner_id: str, key_id: str, *, partners: Partners, now: datetime, commit: Commit) -> ApiKey:
    """Refuse the key from the next call on. Revoking it again changes nothing."""
    key = partners.key(key_id)
    if key is None or key.partner_id != partner_id:
        raise UnknownKey(key_id=key_id)
    if key.revoked_at is not None:
        return key
    revoked = key.revoke(now)
    return commit(partners.revoking(revoked), revoked)


def authenticate(text: str, *, partners: Partners, mode: str, pepper: bytes) -> ApiKey:
    """The key behind the text, or `KeyRefused` without a word about what was wrong."""
    given = KeyText.parse(text)
    key = partners.key(given.key_id)
    if key is None:
        raise KeyRefused
    if not given.matches(key.secret_hash, pepper) or key.revoked_at is not None or {given.mode, key.mode} != {mode}:
        raise KeyRefused
    return key


def _make(partner: Partner, label: str, maker: KeyMaker, now: datetime, device_id: str | None = None) -> IssuedKey:
    text = KeyText.new(maker.mode, maker.random_bytes)
    hashed = text.hashed(maker.pepper)
    key = ApiKey(text.key_id, partner.partner_id, maker.mode, label, hashed, now, device_id=device_id)
    return IssuedKey(partner, key, str(text))
