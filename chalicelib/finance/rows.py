"""The rows of use: what was rated, and the sessions and charges that it was rated from."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

from chalicelib.access.model import Need, NeedState
from chalicelib.finance.columns import Cells, columns_of
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.files import FileOf
from chalicelib.kernel.money import Money
from chalicelib.rating import Use
from chalicelib.rating.fault_credit import FAULT_CREDIT
from chalicelib.rating.stated import class_of, kind_of

_NONE, _SECOND = timedelta(0), timedelta(seconds=1)
_WHOSE = """
month        | text    |         | the month of the export
account      | text    |         | the account that pays, by its pseudonym
session      | text    |         | the session that was used, or for which something was charged
partner      | text    |         | whose product it is; `operator` of a plan
product      | text    |         | the product
asset        | text    |         | the thing
"""
_USAGE = columns_of(
    _WHOSE
    + """
tariff_version | integer |       | the version of the product's tariff by which it was rated
price        | text    |         | the price rule
kind         | text    |         | `charge`, or `reduction`: a cap, a ceiling, a best fare or a credit
charge_class | text    |         | `use`, `ordered` or `owed`
code         | text    |         | why, as statements and receipts say it in words
quantity     | decimal | `unit`  | how much was rated
unit         | text    |         | of what
unit_price   | decimal | `currency` per `unit` | the price of one
amount       | money   | `currency` | what it comes to, tax included
currency     | text    | ISO 4217 | of the amount
started_at   | instant |         | when the session began, or what was charged happened
ended_at     | instant |         | when it ended, or the charge became due; empty while it goes on
evidence     | ids     |         | what shows it; each can be traced: `<session>#<report>`, of a plan `<account>#<id>`
charge       | text    |         | what was charged beside use; of a plan its subscription and month; empty of use
settlement   | text    |         | `settled`; `parked` where somebody has to look at the account's month first; `open`
"""
)
_SESSIONS = columns_of(
    _WHOSE
    + """
started_at   | instant |         | when it began, or what was charged happened
ended_at     | instant |         | when it ended, or the charge became due; empty while it goes on
in_use_s     | integer | seconds | in use, by its evidence
kept_s       | integer | seconds | kept from others without use
amount       | money   | `currency` | what its lines come to, tax included
currency     | text    | ISO 4217 | of the amounts
evidence_sha256 | text |         | the digest of all that showed its need
charge_revision | integer |      | how often its charge was corrected
released_s   | integer | seconds | in custody, and free for others
faulty_s     | integer | seconds | out of order
grace_s      | integer | seconds | unused for so short a time that it is no keeping
fault_credit | money   | `currency` | what a fault gave back, taken off the amount already
charge_class | text    |         | `use`, `ordered` or `owed`
charge       | text    |         | what was charged beside use; of a plan its subscription and month; empty of use
settlement   | text    |         | as in usage.csv.gz
"""
)


def settlement_of(each: AccountMonth) -> str:
    """Whether the account's month is billed."""
    if each.parked is not None:
        return "parked"
    return "settled" if each.settlement is not None and each.settlement.version else "open"


def _usage(each: AccountMonth) -> Iterator[Cells]:
    month, settlement = str(each.month), settlement_of(each)
    for line in each.statement.lines:
        about = each.about(line.use_id)
        yield (
            month,
            *about[:6],
            line.price_id,
            line.kind,
            line.charge_class,
            line.code,
            line.quantity,
            line.unit,
            line.unit_price,
            line.amount,
            line.amount.currency,
            about.started_at,
            about.ended_at,
            line.evidence,
            about.charge_id,
            settlement,
        )


def _sessions(each: AccountMonth) -> Iterator[Cells]:
    month, settlement, currency, sums = str(each.month), settlement_of(each), each.currency, each.statement.by_use
    credits_given: Counter[str] = Counter()
    for line in each.statement.lines:
        if line.code == FAULT_CREDIT:
            credits_given[line.use_id] -= line.amount.minor
    for use in each.statement.uses:
        about, record = each.about(use.use_id), each.records.get(use.use_id)
        seconds = seconds_by_state(record.need if record else None)
        yield (
            month,
            *about[:5],
            about.started_at,
            about.ended_at,
            seconds(NeedState.IN_USE),
            seconds(NeedState.KEPT),
            Money(sums[use.use_id], currency),
            currency,
            record.need.digest if record else "",
            record.revision if record else 0,
            *map(seconds, (NeedState.RELEASED, NeedState.FAULTY, NeedState.GRACE)),
            Money(credits_given.get(use.use_id, 0), currency),
            _class_of(use) if about.charge_id else "use",
            about.charge_id,
            settlement,
        )


def _class_of(use: Use) -> str:
    """Of what was charged beside use; what a plan costs was ordered."""
    return "ordered" if use.kind == "agreement" else class_of(kind_of(use.tariff.tariff_id))


def seconds_by_state(need: Need | None) -> Callable[[NeedState], int]:
    """Whole seconds of a state of need; what was charged beside use has none."""
    sums: dict[NeedState, timedelta] = {}
    for each in need.intervals if need is not None else ():
        sums[each.state] = sums.get(each.state, _NONE) + each.interval.length
    return lambda state: sums.get(state, _NONE) // _SECOND


USAGE = FileOf(
    "usage.csv.gz", "One row a rated line, with the evidence that shows it.", _USAGE, {"rated": "amount"}, _usage
)
SESSIONS = FileOf(
    "sessions.csv.gz",
    "One row a session, or what was charged beside use, that the month's statements name.",
    _SESSIONS,
    {"charged": "amount", "fault_credits": "fault_credit"},
    _sessions,
)
