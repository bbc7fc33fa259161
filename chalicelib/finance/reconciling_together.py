"""The rule by which what sessions come to by themselves is reconciled with what they come to together.

A charge record is its session rated by itself. The month's statement rates all of an account's sessions together, with
what they share: caps of days, weeks and months, best fares, included uses, tiers, ceilings, promotions.
"""

from collections import Counter

from chalicelib.access.rerated import charged_minor
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Cause, Stage, StageSum, explained
from chalicelib.finance.reconciling import Known, Reconciled
from chalicelib.rating.fault_credit import FAULT_CREDIT
from chalicelib.rating.lines import RatedLine

_CHARGE = "charge"


def reconcile_together(each: AccountMonth) -> Reconciled:
    """The charge records of an account's month and what was charged beside use, against its statement.

    What takes something off is listed by its rule. A session that is charged otherwise than by itself, though nothing
    of its tariff counts over several, has no cause, as has one that is charged and not stated.
    """
    alone = {name: charged_minor(record) for name, record in each.records.items() if record.currency == each.currency}
    together, taken = Counter[str](), Counter[tuple[Cause, str]]()
    left = sum(alone.values())
    for line in each.statement.lines:
        if not _is_sealed(line):
            taken[_cause(line), line.code] -= line.amount.minor
        elif line.use_id in alone:
            together[line.use_id] += line.amount.minor
        else:
            left += line.amount.minor
    about = f"{each.account_id}:{each.month}"
    known: Known = [(cause, f"{about}:{code}", minor) for (cause, code), minor in sorted(taken.items())]
    known += _otherwise(each, alone, together)
    summed = StageSum(Stage.TOGETHER, each.currency, left, each.statement.total.minor)
    if not (each.statement.uses or alone):
        return Reconciled((), ())
    return Reconciled((summed,), tuple(explained(Stage.TOGETHER, each.currency, about, summed.difference, known)))


def _is_sealed(line: RatedLine) -> bool:
    """Whether it is of the lines that a charge record keeps: all else is taken off together."""
    return line.kind == _CHARGE or line.code == FAULT_CREDIT


def _cause(line: RatedLine) -> Cause:
    return Cause.PROMOTED if line.facts.get("borne_by") == "operator" else Cause.REDUCED_TOGETHER


def _otherwise(each: AccountMonth, alone: dict[str, int], together: Counter[str]) -> Known:
    """By session, what its charges come to less, or more, where they count on others'."""
    counting = {use.use_id for use in each.statement.uses if use.tariff.counts_over}
    found: Known = []
    for name, minor in sorted(alone.items()):
        if minor != together[name]:
            cause = Cause.PRICED_TOGETHER if name in counting else Cause.UNKNOWN
            found.append((cause, f"{each.account_id}:{name}:{each.records[name].revision}", minor - together[name]))
    return found
