"""The partner door's routes of API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.edge import partner
from chalicelib.edge.routes import delete, get, post
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import IssuedKey, issue_key, revoke_key

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.wiring import Wiring


class KeyDesk:
    """A partner's keys, and its devices'."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/keys", shows=partner.show_keys)
    def keys(self, call: Call[ApiKey, None]) -> list[ApiKey]:
        """My API keys, without their secrets."""
        return list(self._wired.partners.keys_of(call.caller.partner_id))

    @post("/v1/keys", takes=partner.KeyBody, shows=partner.show_new_key, saves=partner.show_new_key_again, status=201)
    def add_key(self, call: Call[ApiKey, partner.KeyBody]) -> IssuedKey:
        """One more API key, for me or for one of my devices; its text is shown this once."""
        return issue_key(
            call.caller.partner_id,
            call.body.label,
            device_id=call.body.device_id,
            partners=self._wired.partners,
            maker=self._wired.key_maker,
            now=call.now,
            commit=call.commit,
        )

    @delete("/v1/keys/{key_id}", shows=partner.show_key)
    def drop_key(self, call: Call[ApiKey, None], key_id: str) -> ApiKey:
        """Revoke one of my keys; it is refused from the next call on."""
        return revoke_key(
            call.caller.partner_id, key_id, partners=self._wired.partners, now=call.now, commit=call.commit
        )
