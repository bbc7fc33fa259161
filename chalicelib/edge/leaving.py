"""What leaving takes in each area: the file, the bills, the provider, the usage, the personal items, the key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from chalicelib.access.ending import correct_charge, is_charged
from chalicelib.access.model import AccessSession
from chalicelib.billing.credit_model import RefundState
from chalicelib.billing.dispute_model import DisputeState
from chalicelib.billing.model import InvoiceState
from chalicelib.billing.owed_model import UNDECIDED
from chalicelib.billing.paying_back import ask_payout
from chalicelib.billing.sides import let_buyer_go
from chalicelib.customers.belonging import Belonging, dismiss
from chalicelib.customers.data_file import DataFile
from chalicelib.customers.erasing import Asking, close_account
from chalicelib.customers.erasure import Erasure, Waits
from chalicelib.customers.holding import Holding, Leaving, Whose
from chalicelib.edge.data_pieces import make_some
from chalicelib.edge.gathering import others_of, session_in, subjects_of
from chalicelib.edge.holdings import HOLDINGS, held_as
from chalicelib.edge.open_things import OpenThings
from chalicelib.edge.settling_up import settle_up
from chalicelib.edge.subscription_areas import keeping
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.wiring_members import belonging_of
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.metering.erasing import erase
from chalicelib.metering.errors import UnknownSubject
from chalicelib.subscriptions.changing import end

AT_ONCE = 50
"""So many sessions, or items, are forgotten in one piece of work."""
_OPEN_DISPUTES = frozenset({DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW})
_OPEN_INVOICES = frozenset({InvoiceState.DUE, InvoiceState.FAILED})
_PERSONAL = tuple(
    each
    for each in HOLDINGS
    if each.leaving in (Leaving.ERASED, Leaving.ON_DOCUMENTS)
    and each.whose in (Whose.ACCOUNT, Whose.CUSTOMER)
    and each.area != "metering"
)


@dataclass(frozen=True, slots=True)
class LeavingWork:
    """Satisfies `customers.own_ports.Work`."""

    wired: BackOffice

    def dismiss(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        """Some in each piece, in a transaction of their own."""
        more = dismiss(erasure.account_id, owners=False, belonging=self._belonging())
        return {}, "more" if more else None

    def _belonging(self) -> Belonging:
        return belonging_of(self.wired, self.wired.now(), self.wired.commit)

    def write_file(self, erasure: Erasure) -> str | None:
        """Under the receipt, which nobody else knows."""
        who = (erasure.account_id, erasure.customer_id, erasure.subject)
        made = make_some(DataFile(*who, erasure.erasure_id, erasure.asked_at, after=erasure.after), self.wired)
        return made if isinstance(made, str) else None

    def debts(self, erasure: Erasure) -> Sequence[Waits]:
        """Subscriptions end, what was used is billed; prepaid money is paid out as soon as nothing else is open."""
        account_id, wired = erasure.account_id, self.wired
        opened = OpenThings(wired).found(account_id, erasure.subject)
        if opened:
            return [Waits(f"open_{kind}", each) for kind, ids in opened.items() for each in ids]
        closing = [*self._closing(erasure)]
        parts = keeping(wired, wired.now(), wired.commit)
        for subscription in wired.lives.of_account(account_id):
            end(subscription, None, keeping=parts)
        settle_up(account_id, wired)
        month = Month.of(wired.now(), wired.settings.zone)
        return [*closing, *self._owed(account_id, month)] or self._prepaid(account_id)

    def _closing(self, erasure: Erasure) -> Iterator[Waits]:
        """Accounts in which they are alone close with them; whoever owns one that closes stays until it is done."""
        wired = self.wired
        asking = Asking(wired.erasures, OpenThings(wired), wired.random_bytes, wired.now(), wired.commit)
        for each in wired.members.of_subject(erasure.subject) if erasure.is_persons else ():
            if each.is_in:
                yield Waits("account_closing", close_account(each.account_id, asking).erasure_id)

    def _owed(self, account_id: str, month: Month) -> Iterator[Waits]:
        wired = self.wired
        for each in (month.previous, month):
            parked = wired.billed.parked(account_id, each)
            if parked is not None and parked.released_at is None:
                yield Waits("month_parked", str(each))
        invoices = (each for each in wired.billed.invoices(account_id) if each.state in _OPEN_INVOICES)
        yield from (Waits("invoice_unpaid", each.invoice_id) for each in invoices)
        charges = (each for each in wired.charges.of_account(account_id) if each.state in UNDECIDED)
        yield from (Waits("charge_undecided", each.charge_id) for each in charges)
        disputes = (each for each in wired.disputes.of_account(account_id) if each.state in _OPEN_DISPUTES)
        yield from (Waits("dispute_undecided", each.dispute_id) for each in disputes)
        refunds = (each for each in wired.issuing.notes.refunds(account_id) if each.state is RefundState.PLANNED)
        yield from (Waits("refund_under_way", each.refund_id) for each in refunds)

    def _prepaid(self, account_id: str) -> Sequence[Waits]:
        """Paid out once. What a bank refused is in the wallet again, and is for staff to decide about."""
        wired = self.wired
        wallet = wired.wallets.wallet(account_id)
        if not any(each.left for each in wallet.lots.values()):
            sending = [each for each in wired.wallets.paid_back(account_id) if each.state is RefundState.PLANNED]
            return [Waits("wallet_being_paid_out", each.name) for each in sending]
        if wallet.done < wallet.payouts:
            return [Waits("wallet_being_paid_out", account_id)]
        if any(each.state is RefundState.FAILED for each in wired.wallets.paid_back(account_id)):
            return [Waits("wallet_not_paid_out", account_id)]
        ask_payout(
            account_id,
            wallets=wired.wallets,
            billed=wired.billed,
            openings=wired.limits,
            now=wired.now(),
            commit=wired.commit,
        )
        return [Waits("wallet_being_paid_out", account_id)]

    def leave_provider(self, erasure: Erasure) -> None:
        """Its invoices stay there, as the law asks of them; cards and the customer are gone."""
        payer = self.wired.billed.payer(erasure.account_id)
        if payer is not None:
            self.wired.leaving_provider.forget(payer.provider_customer)

    def forget_usage(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        """By charge records, which every session has that was used: of the own account, then of those of others."""
        wired, own_account = self.wired, erasure.account_id
        others = others_of(own_account, erasure.subject, wired) if erasure.is_persons else []
        accounts = [own_account, *others]
        turn, _, key = (erasure.after or "0|").partition("|")
        account_id = accounts[int(turn)]
        rows, more = wired.partitions.page(
            "access", f"account#{account_id}", "charged#", limit=AT_ONCE, after=key or None
        )
        named = dict.fromkeys(each for each in (session_in(sk) for sk, _ in rows) if each is not None)
        found = [each for each in wired.sessions.many(list(named)).values() if each.account_id == account_id]
        own = [each for each in found if own_account == account_id or each.customer_id == erasure.customer_id]
        for session in own:
            with suppress(UnknownSubject):  # nothing was ever reported of it
                self._forget_events(session)
            wired.positions.forget(session.session_id)
        following = int(turn) + 1
        after = f"{turn}|{more}" if more else f"{following}|"
        return {"sessions": len(own)}, after if more or following < len(accounts) else None

    def _forget_events(self, session: AccessSession) -> None:
        """What came late is charged before."""
        wired, now, session_id = self.wired, self.wired.now(), session.session_id
        correct_charge(session_id, ending=wired.ending(now, wired.commit))
        charged = partial(is_charged, session_id, sessions=wired.sessions, now=now)
        zone = wired.settings.zone
        erase(session_id, session.partner_id, charged, zone, now, heads=wired.heads, commit=wired.commit)

    def forget_personal(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        """One kind after the other; what is removed is not found again."""
        whose = {Whose.ACCOUNT: erasure.account_id}
        ids = {**whose, Whose.CUSTOMER: erasure.customer_id} if erasure.is_persons else whose
        begun = int(erasure.after or 0)
        counted: Counter[str] = Counter()
        if not erasure.after:
            counted["memberships"] = self._leave_accounts(erasure) if erasure.is_persons else self._dismiss_all(erasure)
        for index in range(begun, len(_PERSONAL)):
            if _PERSONAL[index].whose not in ids:
                continue
            removed, more = self._remove(_PERSONAL[index], ids)
            counted[_PERSONAL[index].name] += removed
            if more:
                return _some(counted), str(index)
        return _some(counted), None

    def _dismiss_all(self, erasure: Erasure) -> int:
        """The owners too: nobody has to pay any more. What they had in it stays theirs, until they leave themselves."""
        while dismiss(erasure.account_id, owners=True, belonging=self._belonging()):
            pass
        return 0

    def _leave_accounts(self, erasure: Erasure) -> int:
        """Of accounts of others that the customer was in: each is written for the account and for the sign-in."""
        partitions, left = self.wired.partitions, 0
        for subject in subjects_of(erasure.account_id, erasure.subject, self.wired):
            rows, _ = partitions.page("customers", f"subject#{subject}", "in#", limit=1000)
            for sk, _ in rows:
                account = f"account#{sk.partition('#')[2]}"
                invited, _ = partitions.page("customers", account, "invited#", limit=1000)
                taken = [key for key, values in invited if values.get("taken_by") == erasure.customer_id]
                partitions.remove("customers", account, [f"member#{erasure.customer_id}", *taken])
            partitions.remove("customers", f"subject#{subject}", [sk for sk, _ in rows])
            left += len(rows)
        return left

    def _remove(self, holding: Holding, ids: Mapping[Whose, str]) -> tuple[int, bool]:
        """Some of a kind: not what another kind is, nor what has to stay; whether there may be more."""
        pk, partitions, stays = holding.partition(ids), self.wired.partitions, self._stays(holding, ids)
        gone: list[str] = []
        after: str | None = None
        while True:
            rows, after = partitions.page(holding.area, pk, holding.sk, limit=AT_ONCE, after=after)
            found = [(sk, values) for sk, values in rows if held_as(holding.area, pk, sk) == holding]
            gone = [sk for sk, values in found if values.get("version") not in stays]
            if gone or after is None:
                break
        partitions.remove(holding.area, pk, gone)
        return len(gone), after is not None

    def _stays(self, holding: Holding, ids: Mapping[Whose, str]) -> frozenset[int]:
        """Who bought is a part of each document that was issued: the law on bookkeeping has it kept as it was then."""
        if holding.leaving is not Leaving.ON_DOCUMENTS:
            return frozenset()
        wired, account_id = self.wired, ids[Whose.ACCOUNT]
        locked = wired.settings.export_retention
        return let_buyer_go(
            account_id,
            [*wired.billed.invoices(account_id), *wired.issuing.notes.notes(account_id)],
            period=timedelta(days=locked[1]) if locked is not None else None,
            zone=wired.settings.zone,
            numbers=wired.issuing.numbers,
            commit=wired.commit,
        )

    def forget_key(self, erasure: Erasure) -> Sequence[Write]:
        """The agreement stays, as what was agreed when; whose it was is gone, under whichever sign-in it was made."""
        subjects = subjects_of(erasure.account_id, erasure.subject, self.wired) if erasure.is_persons else []
        others = (replace(erasure, subject=each) for each in subjects if each != erasure.subject)
        earlier = [write for each in others for write in self.wired.erasures.forgetting(each)]
        kept = (self.wired.withdrawals, self.wired.terms)
        unnamed = [write for each in kept for write in each.forgetting(erasure.account_id)]
        return [*earlier, *self.wired.forgetting_agreements.forgetting(erasure.account_id, subjects), *unnamed]


def _some(counted: Counter[str]) -> Mapping[str, int]:
    return {name: number for name, number in counted.items() if number}
