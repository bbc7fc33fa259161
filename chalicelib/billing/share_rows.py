"""What of an account's settlements is its partners': rows for their statements, and what an invoice takes along."""

from collections.abc import Iterable, Mapping

from chalicelib.billing import differences
from chalicelib.billing.model import ProofHead, Settlement
from chalicelib.billing.parts import Parts, by_partner, share_in, shares_by_partner
from chalicelib.billing.share_model import ShareRow
from chalicelib.billing.share_ports import Shared
from chalicelib.kernel.time import Month
from chalicelib.rating.figures import Figures


def rows_of(
    account_id: str,
    month: Month,
    figures: Mapping[str, Figures],
    *,
    known: Mapping[Month, Settlement],
    taken: Mapping[Month, Settlement],
    proofs: Mapping[Month, ProofHead],
    shared: Shared,
) -> list[ShareRow]:
    """A row for each partner of the month with a rule; one that has nothing of it any more gets an empty row.

    `known` are the settlements as they were, `taken` as they will be: what of the shares was posted by then.
    """
    found = by_partner(figures)
    rows = []
    for partner_id in sorted({*found, *_partners_before(month, known)}):
        if shared.rule(partner_id, month) is not None:
            its = found.get(partner_id, {})
            parts = differences.billed(month, taken, differences.parts)
            posted = {product: share_in(parts, product) for product in its}
            rows.append(ShareRow(partner_id, month, account_id, its, posted, proofs[month].digest))
    return rows


def _partners_before(month: Month, known: Mapping[Month, Settlement]) -> set[str]:
    taken = [each.parts for each in known.values() if each.month == month]
    taken += [each.parts_adjusted.get(str(month), {}) for each in known.values()]
    return {partner_id for parts in taken for partner_id in shares_by_partner(parts)}


def shares_due(after: Settlement, known: Mapping[Month, Settlement]) -> dict[str, int]:
    """By partner, what of the shares no invoice took along so far: the invoice that takes all that is left takes it."""
    others = [each for each in known.values() if each.month != after.month]
    sums = differences.summed(*(_left(each) for each in [*others, after]))
    return {partner_id: minor for partner_id, minor in sums.items() if minor}


def _left(settlement: Settlement) -> dict[str, int]:
    posted = shares_by_partner(differences.parts(settlement).together)
    return differences.difference(posted, settlement.shares_invoiced)


def concerned(settlement: Settlement) -> Iterable[tuple[str, Month]]:
    """The partners, with the months, of which the settlement took a share."""
    months: list[tuple[Month, Parts]] = [(settlement.month, settlement.parts)]
    months += [(Month.parse(month), parts) for month, parts in settlement.parts_adjusted.items()]
    found = {(partner_id, month) for month, parts in months for partner_id in shares_by_partner(parts)}
    return sorted(found)
