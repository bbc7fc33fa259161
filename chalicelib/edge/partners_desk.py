"""The finance door's routes of partners and their API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.edge import finance
from chalicelib.edge.callers import OPERATE, READ
from chalicelib.edge.paging import Page, narrowed
from chalicelib.edge.partner import KeyShown, show_key, show_new_key, show_new_key_again
from chalicelib.edge.routes import delete, get, post
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import IssuedKey, create_partner, issue_key, revoke_key

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.callers import Staff
    from chalicelib.edge.wiring_finance import BackOffice


class PartnersDesk:
    """Whom operators take in."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @post(
        "/v1/partners",
        takes=finance.PartnerBody,
        shows=finance.show_new_partner,
        saves=finance.show_new_partner_again,
        status=201,
        needs=OPERATE,
    )
    def add_partner(self, call: Call[Staff, finance.PartnerBody]) -> IssuedKey:
        """Create a partner with its first API key, whose text is shown this once."""
        return create_partner(
            call.body.name, partners=self._wired.partners, maker=self._wired.key_maker, now=call.now, commit=call.commit
        )

    @get("/v1/partners", query=finance.PartnersQuery, needs=READ)
    def all_partners(self, call: Call[Staff, None]) -> Page[finance.PartnerShown]:
        """All partners in order of id, or those of a name, or created in a time.

        A page may be short, or empty, and have more behind it: `next` says so.
        """
        query, partners = call.query, self._wired.partners
        return narrowed(
            query,
            lambda limit, after: list(partners.all(limit=limit, after=after)),
            finance.show_partner,
            lambda each: each.partner_id,
            finance.wanted_partner(query),
        )

    @post(
        "/v1/partners/{partner_id}/keys",
        takes=finance.KeyBody,
        shows=show_new_key,
        saves=show_new_key_again,
        status=201,
        needs=OPERATE,
    )
    def add_partner_key(self, call: Call[Staff, finance.KeyBody], partner_id: str) -> IssuedKey:
        """One more API key for a partner that lost its own."""
        return issue_key(
            partner_id,
            call.body.label,
            partners=self._wired.partners,
            maker=self._wired.key_maker,
            now=call.now,
            commit=call.commit,
        )

    @get("/v1/partners/{partner_id}/keys", needs=OPERATE)
    def partner_keys(self, _call: Call[Staff, None], partner_id: str) -> list[KeyShown]:
        """A partner's API keys, without their secrets."""
        return [show_key(each) for each in self._wired.partners.keys_of(partner_id)]

    @delete("/v1/partners/{partner_id}/keys/{key_id}", shows=show_key, needs=OPERATE)
    def drop_partner_key(self, call: Call[Staff, None], partner_id: str, key_id: str) -> ApiKey:
        """Revoke a partner's API key; it is refused from the next call on."""
        return revoke_key(partner_id, key_id, partners=self._wired.partners, now=call.now, commit=call.commit)
