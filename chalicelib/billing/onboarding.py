"""A partner's account at the provider: opened once, then the partner answers the provider's questions there."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from chalicelib.billing.comparison_model import SETTLES_WITHIN, Difference
from chalicelib.billing.errors import NoPayoutAccount
from chalicelib.billing.paying_out import unsent
from chalicelib.billing.payout_model import AccountStands, OnboardingLink, PayoutAccount
from chalicelib.billing.payout_ports import PartnerPayments, Payouts
from chalicelib.kernel.writes import Commit, Write

Onboarded = tuple[PayoutAccount, OnboardingLink | None]


def onboard(
    partner_id: str,
    *,
    refresh_url: str,
    return_url: str,
    payouts: Payouts,
    provider: PartnerPayments,
    now: datetime,
    commit: Commit,
) -> Onboarded:
    """Open the partner's account, unless it has one, and give a link to go on with; none is needed once it is ready.

    An account that is there is read again, so that whoever comes back from the provider learns how it stands.
    """
    known = payouts.account(partner_id)
    if known is None:
        account = PayoutAccount(partner_id, provider.open_account(partner_id), now)
        writes = [payouts.saving_account(account)]
    else:
        account, writes = _brought_to(provider.stands(known.provider_account), known, payouts, now)
    if account.ready:
        return commit(writes, (account, None))
    key = f"{now:%Y%m%dT%H%M%S.%f}"
    link = provider.onboarding(account.provider_account, key=key, refresh_url=refresh_url, return_url=return_url)
    return commit(writes, (account, link))


def _brought_to(
    stands: AccountStands, account: PayoutAccount, payouts: Payouts, now: datetime
) -> tuple[PayoutAccount, list[Write]]:
    """The account as the provider has it; one that has become ready is sent what waits for it."""
    after = account.as_it_stands(stands)
    if (after.ready, after.submitted, after.due) == (account.ready, account.submitted, account.due):
        return account, []
    pays = [payouts.pay_out(account.partner_id, "account", now)] if after.ready else []
    return after, [payouts.saving_account(after), *pays]


def account_of(partner_id: str, *, payouts: Payouts) -> PayoutAccount:
    """The partner's account, or `NoPayoutAccount`."""
    account = payouts.account(partner_id)
    if account is None:
        raise NoPayoutAccount
    return account


def look_again(
    partners: Iterable[str],
    noting: Callable[[Difference], Commit],
    *,
    payouts: Payouts,
    provider: PartnerPayments,
    now: datetime,
) -> Iterator[Difference]:
    """Accounts that are not ready are read again: no balance shows that we never heard of one that is by now.

    So are those to which something was not sent within a day, and it is tried again: what was refused is no movement.
    """
    for partner_id in partners:
        account = payouts.account(partner_id)
        waits = unsent(partner_id, now - SETTLES_WITHIN, payouts=payouts) if account and account.ready else ()
        if account is None or (account.ready and not waits):
            continue
        stands, name = provider.stands(account.provider_account), account.provider_account
        if stands.partner_id != partner_id:
            yield Difference(name, "missing_there", "reported", {"partner_id": partner_id})
            continue
        _, writes = _brought_to(stands, account, payouts, now)
        if writes:
            found = Difference(name, "account_not_noted", "noted", {"partner_id": partner_id})
            yield noting(found)(writes, found)
        elif waits:
            facts = {"partner_id": partner_id, "amount": " + ".join(map(str, waits))}
            found = Difference(name, "not_sent", "sent_again", facts)
            yield noting(found)([payouts.pay_out(partner_id, "compared", now)], found)


def account_changed(
    provider_account: str, *, payouts: Payouts, provider: PartnerPayments, now: datetime, commit: Commit
) -> PayoutAccount | None:
    """Bring our side to what the provider says."""
    stands = provider.stands(provider_account)
    account = payouts.account(stands.partner_id) if stands.partner_id is not None else None
    if account is None or account.provider_account != provider_account:
        return None
    after, writes = _brought_to(stands, account, payouts, now)
    return commit(writes, after) if writes else account
