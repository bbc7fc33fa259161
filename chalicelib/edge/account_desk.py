"""The mobile door's routes of accounts for several people: open one, invite, say who is what in it, leave."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.access.errors import QuoteForged
from chalicelib.customers.errors import UnknownInvitation
from chalicelib.customers.model import Account, Kind, Right, Role
from chalicelib.edge import account_shapes as shapes
from chalicelib.edge.acting_for import acting, person
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.lazily import lazily
from chalicelib.edge.me_desk import limiting_of, show_ends
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.edge.routes import BARRED, NOTHING, delete, get, post, put
from chalicelib.kernel.ids import new_id
from chalicelib.kernel.languages import CODES

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from collections.abc import Sequence

    from chalicelib.access import limiting
    from chalicelib.billing import paper_model
    from chalicelib.customers import belonging, invitations, members, roll
    from chalicelib.customers.model import Customer
    from chalicelib.edge import wiring_members
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.writes import Outcome, Write
    from chalicelib.subscriptions import further
else:
    limiting = lazily("chalicelib.access.limiting")
    paper_model = lazily("chalicelib.billing.paper_model")
    belonging = lazily("chalicelib.customers.belonging")
    invitations = lazily("chalicelib.customers.invitations")
    members = lazily("chalicelib.customers.members")
    roll = lazily("chalicelib.customers.roll")
    wiring_members = lazily("chalicelib.edge.wiring_members")
    further = lazily("chalicelib.subscriptions.further")


class AccountDesk:
    """People are in one another's accounts: who owns, who pays, who uses, who guards, who looks on."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _belonging(self, call: Call[Claims, Any]) -> belonging.Belonging:
        return wiring_members.belonging_of(self._wired, call.now, call.commit)

    @post("/v1/accounts", takes=shapes.OpenAccountBody, shows=shapes.show_opened, status=201)
    def open_account(self, call: Call[Claims, shapes.OpenAccountBody]) -> belonging.Opened:
        """Open an account for a family or a firm. I am its owner; my own account stays as it is."""
        by, body, wired = person(call, self._wired), call.body, self._wired
        name = new_id("acc", wired.random_bytes)
        account = Account(name, wired.settings.currency, call.now, kind=Kind(body.kind), name=body.name)
        opened, writes = belonging.opened(account, by, belonging=self._belonging(call))
        agrees = further.Further(name, by.customer_id, by.subject, by.language, body.terms_version)
        terms, currency = wired.settings.terms_version, wired.settings.currency
        agreed = further.agreed_for(agrees, terms_in_force=terms, currency=currency, now=call.now)
        writes = [*writes, wired.customers.account_is_open(by.account_id)]
        return call.commit([*writes, wired.agreements.opening(agreed), *self._buyer(name, body)], opened)

    def _buyer(self, account_id: str, body: shapes.OpenAccountBody) -> list[Write]:
        said = body.billing
        if said is None:
            if body.kind == "firm":
                raise BodyInvalid(pointer="/billing", reason="a firm says who it is on its bills")
            return []
        words = (said.vat_number, said.purchase_order, said.cost_centre)
        buyer = paper_model.Buyer(account_id, said.name, tuple(said.address), said.country, *words, version=1)
        return list(self._wired.issuing.numbers.saving_buyer(buyer))

    @get("/v1/accounts")
    def my_accounts(self, call: Call[Claims, None]) -> list[shapes.AccountShown]:
        """The accounts in which I am: my own first, if I have one."""
        who = person(call, self._wired)
        there = [each for each in self._wired.members.of_subject(who.subject) if each.is_in]
        found = self._wired.members.accounts([*dict.fromkeys([who.account_id, *(each.account_id for each in there)])])
        own = [] if who.ward else [shapes.show_account(found[who.account_id], str(Role.OWNER), own=True)]
        return own + [shapes.show_account(found[each.account_id], str(each.role), own=False) for each in there]

    @get("/v1/account", needs=Right.BELONG)
    def my_account(self, call: Call[Claims, None]) -> shapes.AccountShown:
        """The account that I have chosen, and what I am in it."""
        return self._shown(acting(call, self._wired))

    def _shown(self, who: Customer) -> shapes.AccountShown:
        account = self._wired.members.accounts([who.account_id])[who.account_id]
        return shapes.show_account(account, str(who.role), own=who.member_of is None)

    @put("/v1/account", takes=shapes.AccountBody, needs=Right.MANAGE)
    def name_account(self, call: Call[Claims, shapes.AccountBody]) -> shapes.AccountShown:
        """Call the account something else."""
        who = acting(call, self._wired)
        belonging.rename(who.account_id, call.body.name, belonging=self._belonging(call))
        return self._shown(who)

    @get("/v1/account/members", shows=shapes.show_members, needs=Right.BELONG)
    def account_members(self, call: Call[Claims, None]) -> list[members.Member]:
        """Who is in the account, as far as I see: all of them with a role that reads, myself with any.

        Nobody is in an account of one person's own.
        """
        who = acting(call, self._wired)
        roll = self._wired.members.roll(who.account_id)
        return [each for each in roll.there if who.sees(each.customer_id)] if roll else []

    @put("/v1/account/members/{customer_id}", takes=shapes.MemberBody, needs=Right.BELONG)
    def change_member(self, call: Call[Claims, shapes.MemberBody], customer_id: str) -> shapes.MemberShown:
        """Say what somebody is and may spend: an owner of everybody, a guardian what a minor may spend. At once.

        What they have running goes on for what is left; `ends` says until when. A limit below what theirs has cost
        already is set, and the answer names it as `passed`.
        """
        by = acting(call, self._wired)

        def commit(writes: Sequence[Write], outcome: Outcome) -> Outcome:
            return call.commit([*writes, *self._wired.limits.others_set(by.account_id, call.now)], outcome)

        parts = wiring_members.belonging_of(self._wired, call.now, commit)
        member = belonging.change(by, customer_id, self._wanted(call.body), belonging=parts)
        plan = limiting.planned(by.account_id, limiting=limiting_of(self._wired, call))
        theirs = [each for each in plan.ends if each.customer_id == customer_id]
        if not member.limit.is_set:
            return shapes.show_member(member, ends=show_ends(theirs))
        spent = self._wired.allowing(call.now).spending.spent(by.account_id, call.now, customer_id)
        running = plan.so_far(self._wired.settings.currency, member=customer_id)
        used = {"day": spent.day + running, "month": spent.month + running}
        return shapes.show_member(member, used, show_ends(theirs))

    @delete("/v1/account/members/{customer_id}", shows=shapes.show_member, needs=Right.BELONG)
    def remove_from_account(self, call: Call[Claims, None], customer_id: str) -> members.Member:
        """Leave the account, or as its owner remove somebody. What they have open goes on, for them to end."""
        by = acting(call, self._wired)
        return belonging.remove(by, customer_id, belonging=self._belonging(call))

    @post("/v1/account/owner", takes=shapes.OwnerBody, shows=shapes.show_member, needs=Right.MANAGE)
    def hand_over(self, call: Call[Claims, shapes.OwnerBody]) -> members.Member:
        """Make somebody else in the account its owner, and be something else myself."""
        by, body = acting(call, self._wired), call.body
        return belonging.hand_over(by, body.to, Role(body.role), belonging=self._belonging(call))

    @post(
        "/v1/account/invitations",
        takes=shapes.InviteBody,
        shows=shapes.show_invited,
        saves=shapes.show_invited_again,
        status=201,
        needs=Right.MANAGE,
        refuses=NOTHING,
    )
    def invite(self, call: Call[Claims, shapes.InviteBody]) -> tuple[invitations.Invitation, str]:
        """Invite one person to be something in the account."""
        by, body, seals = acting(call, self._wired), call.body, wiring_members.seals_memberships(self._wired)

        def sealed(made: invitations.Invitation) -> str:
            return seals.seal(made.named)

        offer = belonging.Offer(self._wanted(body), timedelta(days=body.days), sealed, body.to)
        made = belonging.invite(by, offer, belonging=self._belonging(call))
        return made, sealed(made)

    @get("/v1/account/invitations", shows=shapes.show_invitations, needs=Right.MANAGE)
    def account_invitations(self, call: Call[Claims, None]) -> list[invitations.Invitation]:
        """All invitations to the account, with those that were accepted, withdrawn, or are too old."""
        return list(self._wired.invitations.of_account(acting(call, self._wired).account_id))

    @delete("/v1/account/invitations/{invitation_id}", shows=shapes.show_invitation, needs=Right.MANAGE)
    def withdraw_invitation(self, call: Call[Claims, None], invitation_id: str) -> invitations.Invitation:
        """Withdraw an invitation that nobody has accepted."""
        account_id = acting(call, self._wired).account_id
        return belonging.withdraw(account_id, invitation_id, belonging=self._belonging(call))

    @post("/v1/memberships/invitation", takes=shapes.LookBody, idempotent=False, anyone=True)
    def look_at_place(self, call: Call[Claims, shapes.LookBody]) -> shapes.OfferedPlace:
        """What I am invited to be, and in whose account. Changes nothing."""
        parts = self._belonging(call)
        found = belonging.invited(*self._named(call.body.invitation), belonging=parts)
        found.check_open(call.now)
        account = parts.members.accounts([found.account_id])[found.account_id]
        return shapes.show_offered(account, found.wanted, show_instant(found.valid_until))

    @post("/v1/memberships", takes=shapes.AcceptBody, shows=shapes.show_opened, status=201, anyone=True, refuses=BARRED)
    def accept_invitation(self, call: Call[Claims, shapes.AcceptBody]) -> belonging.Opened:
        """Accept an invitation to an account: I am in it from now on. Only a minor needs no account of their own."""
        if call.body.language not in CODES:
            raise BodyInvalid(pointer="/language", reason="not a code of ISO 639-1")
        named, subject = self._named(call.body.invitation), call.caller.subject
        return belonging.accept(*named, subject, call.body.language, belonging=self._belonging(call))

    def _named(self, token: str) -> tuple[str, str]:
        try:
            return invitations.named_in(wiring_members.seals_memberships(self._wired).unseal(token))
        except QuoteForged as refusal:
            raise UnknownInvitation(pointer="/invitation") from refusal

    def _wanted(self, body: shapes.MemberBody) -> roll.Wanted:
        currency = self._wired.settings.currency
        most = (shapes.read_money(name, getattr(body, name), currency) for name in ("day", "month"))
        return roll.Wanted(Role(body.role), body.name, members.OwnLimit(*most), body.guards)
