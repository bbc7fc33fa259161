"""A partner's account at the provider: opened once, then the partner answers the provider's questions there."""

from datetime import datetime

from chalicelib.billing.errors import NoPayoutAccount
from chalicelib.billing.payout_model import OnboardingLink, PayoutAccount
from chalicelib.billing.payout_ports import PartnerPayments, Payouts
from chalicelib.kernel.writes import Commit

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
    """Open the partner's account, unless it has one, and give a link to go on with; none is needed once it is ready."""
    known = payouts.account(partner_id)
    account = known or PayoutAccount(partner_id, provider.open_account(partner_id), now)
    if account.ready:
        return commit([], (account, None))
    key = f"{now:%Y%m%dT%H%M%S.%f}"
    link = provider.onboarding(account.provider_account, key=key, refresh_url=refresh_url, return_url=return_url)
    return commit([] if known else [payouts.saving_account(account)], (account, link))


def account_of(partner_id: str, *, payouts: Payouts) -> PayoutAccount:
    """The partner's account, or `NoPayoutAccount`."""
    account = payouts.account(partner_id)
    if account is None:
        raise NoPayoutAccount
    return account


def account_changed(
    provider_account: str, *, payouts: Payouts, provider: PartnerPayments, now: datetime, commit: Commit
) -> PayoutAccount | None:
    """Bring our side to what the provider says; an account that has become ready is sent what waits for it."""
    stands = provider.stands(provider_account)
    account = payouts.account(stands.partner_id) if stands.partner_id is not None else None
    if account is None or account.provider_account != provider_account:
        return None
    after = account.as_it_stands(stands)
    if (after.ready, after.submitted, after.due) == (account.ready, account.submitted, account.due):
        return account
    pays = [payouts.pay_out(account.partner_id, "account", now)] if after.ready else []
    return commit([payouts.saving_account(after), *pays], after)
