"""What the partner door reads and shows of sessions and API keys."""

from typing import Annotated

import msgspec

from chalicelib.access.model import AccessSession
from chalicelib.edge.amounts import show_instant
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import IssuedKey

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class PartnerSession(msgspec.Struct):
    """A session on one of the partner's assets. `customer` names the customer in this session alone."""

    session_id: str
    asset_id: str
    product_id: str
    state: str
    started_at: str
    ended_at: str | None
    meters: dict[str, str]
    customer: str | None


class KeyBody(msgspec.Struct, forbid_unknown_fields=True):
    """Ask for one more key; with a `device_id` it is good for that device's signals and for nothing else."""

    label: Text
    device_id: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")] | None = None


class KeyShown(msgspec.Struct, omit_defaults=True):
    """A key. `key` is its text, which is shown once and never again."""

    key_id: str
    mode: str
    label: str
    created_at: str
    revoked_at: str | None = None
    key: str | None = None
    device_id: str | None = None


def show_partner_session(session: AccessSession) -> PartnerSession:
    """A session without its customer, but for the name under which it is asked about."""
    return PartnerSession(
        session_id=session.session_id,
        asset_id=session.asset_id,
        product_id=session.product_id,
        state=str(session.state),
        started_at=show_instant(session.started_at),
        ended_at=show_instant(session.ended_at) if session.ended_at else None,
        meters=dict(session.meters),
        customer=session.entitled.name if session.entitled else None,
    )


def show_key(key: ApiKey) -> KeyShown:
    """A key without its text."""
    revoked_at = show_instant(key.revoked_at) if key.revoked_at else None
    since = show_instant(key.created_at)
    return KeyShown(key.key_id, key.mode, key.label, since, revoked_at, device_id=key.device_id)


def show_new_key(issued: IssuedKey) -> KeyShown:
    """A new key with its text, this once."""
    shown = show_key(issued.key)
    shown.key = issued.text
    return shown


def show_new_key_again(issued: IssuedKey) -> KeyShown:
    """What a repeat of the request gets: the text is not kept anywhere."""
    return show_key(issued.key)


def show_keys(keys: list[ApiKey]) -> list[KeyShown]:
    """All keys without their texts."""
    return [show_key(each) for each in keys]


def show_partner_sessions(sessions: list[AccessSession]) -> list[PartnerSession]:
    """Sessions without their customers."""
    return [show_partner_session(each) for each in sessions]
