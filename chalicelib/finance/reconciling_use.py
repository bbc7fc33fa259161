"""The rule by which what was used is reconciled with what was rated: session by session, each by its charge record."""

from collections.abc import Iterable

from chalicelib.access.rerated import Basis, Rerated, charged_minor
from chalicelib.finance.reconciliation_model import Cause, Difference, Stage, StageSum, explained
from chalicelib.finance.reconciling import Reconciled

_CAUSES = {
    Basis.MORE: Cause.NOT_RATED,
    Basis.OTHER: Cause.EVIDENCE_DIFFERS,
    Basis.NONE: Cause.WITHOUT_USAGE,
    Basis.GOES_ON: Cause.GOES_ON,
}


def reconcile_use(found: Iterable[Rerated]) -> Reconciled:
    """The sums by currency, and all that differs, named by account, session and revision of the record.

    Other evidence is a difference at any price. A record that is priced otherwise by the same evidence has no cause.
    """
    sums: dict[str, StageSum] = {}
    differences = list[Difference]()
    for each in found:
        currency, charged = each.record.currency, charged_minor(each.record)
        before = sums.get(currency, StageSum(Stage.RATED, currency))
        sums[currency] = StageSum(Stage.RATED, currency, before.left + each.minor, before.right + charged)
        differences += _differences(each, each.minor - charged)
    return Reconciled(tuple(sums.values()), tuple(differences))


def _differences(each: Rerated, minor: int) -> list[Difference]:
    currency, about = each.record.currency, name_of(each)
    cause = _CAUSES.get(each.basis)
    if cause is None:
        found = explained(Stage.RATED, currency, about, minor, ())
    else:
        found = [Difference(Stage.RATED, cause, about, currency, minor)]
    if each.miscounted:
        found.append(Difference(Stage.RATED, Cause.TOTALS_DIFFER, about, currency, 0))
    return found


def name_of(each: Rerated) -> str:
    """Those who share a session have a record of it each."""
    session = each.record.session
    return f"{session.account_id}:{session.session_id}:{each.record.revision}"
