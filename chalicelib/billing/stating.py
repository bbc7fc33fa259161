"""State a partner's month: recompute its share, subtract what is posted, post the difference, and prove it."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing import differences
from chalicelib.billing.errors import UnknownStatement
from chalicelib.billing.model import ProofHead
from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.payout_model import Due
from chalicelib.billing.payout_ports import Payouts
from chalicelib.billing.ports import Billed
from chalicelib.billing.postings import true_up_entry
from chalicelib.billing.share_model import ShareRow
from chalicelib.billing.share_ports import Shared, ShareRows
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.ports import Ledger
from chalicelib.rating.figures import together
from chalicelib.rating.proof import GENESIS
from chalicelib.rating.share import ShareRule, by_product, share
from chalicelib.rating.share_proof import Bill, prove_share


def state_month(
    partner_id: str,
    month: Month,
    *,
    kept: ShareRows,
    shared: Shared,
    billed: Billed,
    ledger: Ledger,
    payouts: Payouts,
    now: datetime,
    commit: Commit,
) -> PartnerStatement | None:
    """Bring a partner's month to what its bills make of it. Stating again changes nothing unless the bills did.

    The last proof is read first: whatever is stated meanwhile takes its number, and refuses what we computed.
    """
    last, rule = billed.last_proof(partner_id), shared.rule(partner_id, month)
    before = kept.statement(partner_id, month)
    rows = kept.rows(partner_id, month)
    if rule is None or (before is None and not rows and not rule.minimum):
        return before
    after = _stated(partner_id, month, rule, rows, before=before, now=now)
    if before is not None and _results(after) == _results(before):
        return before
    number, previous = (last.number + 1, last.digest) if last is not None else (1, GENESIS)
    about = {"partner_id": partner_id, "month": str(month)}
    proof = prove_share(rule, [Bill(row.proof, row.figures) for row in rows], previous=previous, about=about)
    head = ProofHead(partner_id, number, month, str(proof["digest"]), previous, now)
    proven = after.proven(head.number, head.digest)
    writes = [kept.saving_statement(proven), *billed.adding_proof(head, proof)]
    changes = differences.difference(after.trued_up, before.trued_up if before is not None else {})
    entry = true_up_entry(proven, changes)
    if entry is not None:
        writes += ledger.posting(entry)
    added = sum(changes.values())
    if added:
        due_id = f"share:{month}:{proven.version}"
        due = Due(partner_id, due_id, Money(added, proven.currency), now)
        writes += [*payouts.adding_due(due), payouts.pay_out(partner_id, due_id, now)]
    return commit(writes, proven)


def _stated(
    partner_id: str,
    month: Month,
    rule: ShareRule,
    rows: Sequence[ShareRow],
    *,
    before: PartnerStatement | None,
    now: datetime,
) -> PartnerStatement:
    figures = together(row.figures for row in rows)
    lines = share(rule, figures)
    posted = differences.summed(*(row.posted for row in rows))
    return PartnerStatement(
        partner_id=partner_id,
        month=month,
        currency=rule.currency,
        version=before.version + 1 if before is not None else 1,
        figures=figures,
        lines=lines,
        posted=posted,
        trued_up=differences.difference(by_product(lines), posted),
        bills=sum(1 for row in rows if row.figures),
        proof=0,
        digest="",
        stated_at=now,
        first_stated_at=before.first_stated_at if before is not None else now,
    )


def _results(stated: PartnerStatement) -> tuple[object, ...]:
    return stated.figures, stated.lines, stated.posted, stated.trued_up, stated.bills


def statement_of(partner_id: str, month: Month, *, kept: ShareRows) -> PartnerStatement:
    """A partner's month as it was stated last."""
    found = kept.statement(partner_id, month)
    if found is None:
        raise UnknownStatement(month=str(month))
    return found
