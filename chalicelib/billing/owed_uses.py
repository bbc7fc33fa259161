"""Charges as a month's statement has them, and what marks them as billed in the settlement that takes them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.billing.owed_model import DUE, PartnerCharge
from chalicelib.billing.owed_ports import Charges
from chalicelib.billing.ports import Billed, MonthUsed
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.rating import Use
from chalicelib.rating.stated import StatedCharge, use_of

MOST_AT_ONCE = 15
"""So many charges one settlement takes, because all that it writes is one transaction; the rest has the next one."""


def with_charges(
    found: MonthUsed, account_id: str, month: Month, now: datetime, zone: str, *, charges: Charges, billed: Billed
) -> MonthUsed:
    """What is used, and what is charged beside it."""
    of_month = [each for each in charges.of_account(account_id) if each.is_charged(month, now)]
    due = sorted((each for each in of_month if each.state in DUE), key=lambda each: (each.charged_at, each.charge_id))
    taken, left = due[:MOST_AT_ONCE], due[MOST_AT_ONCE:]
    uses = [_use(each, now, zone) for each in of_month if each not in left]
    if not uses:
        return found
    return found._replace(
        uses=(*found.uses, *uses),
        own=found.own | {use.use_id for use in uses},
        sources=replace(found.sources, charges=True) if found.sources is not None else None,
        marking=partial(_marking, taken, [billed.settle_again(account_id, month, now)] if left else [], charges),
    )


def _use(charge: PartnerCharge, as_of: datetime, zone: str) -> Use:
    return use_of(
        StatedCharge(
            charge_id=charge.charge_id,
            product=f"{charge.partner_id}:{charge.product_id}",
            category=charge.category,
            kind=charge.kind,
            amount=charge.amount,
            happened_at=charge.happened_at,
            charged_at=charge.charged_at or charge.created_at,
            countered=charge.countered(as_of),
            evidence=tuple(each.sha256 for each in charge.evidence),
        ),
        zone,
    )


def _marking(taken: Sequence[PartnerCharge], also: Sequence[Write], charges: Charges, now: datetime) -> list[Write]:
    return [*(write for each in taken for write in charges.billing(each.bill(now))), *also]
