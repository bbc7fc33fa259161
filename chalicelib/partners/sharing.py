"""Agree on a partner's share: a rule from a month on, kept with who set it and when."""

from datetime import datetime

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.partners.errors import ShareMonthBegun, UnknownPartner
from chalicelib.partners.ports import Partners
from chalicelib.partners.share_ports import SharesAgreed
from chalicelib.partners.share_terms import ShareTerms
from chalicelib.rating.share import ShareRule


def set_share(
    partner_id: str,
    since: Month,
    rule: ShareRule,
    *,
    by: str,
    zone: str,
    partners: Partners,
    agreed: SharesAgreed,
    now: datetime,
    commit: Commit,
) -> ShareTerms:
    """Have a rule hold from a month to come on. What was set before stays in the list; the last one counts."""
    if partners.find(partner_id) is None:
        raise UnknownPartner(partner_id=partner_id[:80])
    if since <= Month.of(now, zone):
        raise ShareMonthBegun(month=str(since))
    terms = ShareTerms(partner_id, since, rule, by, now)
    known = agreed.all_share_terms(partner_id)
    if any((each.since, each.rule) == (since, rule) for each in known[-1:]):
        return known[-1]
    return commit(agreed.setting_share(terms), terms)


def shares_of(partner_id: str, *, partners: Partners, agreed: SharesAgreed) -> list[ShareTerms]:
    """All rules of a partner, by month and by when they were set."""
    if partners.find(partner_id) is None:
        raise UnknownPartner(partner_id=partner_id[:80])
    return list(agreed.all_share_terms(partner_id))
