"""Erase an account: refuse while something is open, settle what is owed, forget the person, keep the books.

Each piece of work is done, and then saved together with the message for the next one. Whatever breaks in between is
done again by the same message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.customers.erasure import Erasure, Step
from chalicelib.customers.errors import ErasureChanged, StillSomethingOpen, UnknownErasure
from chalicelib.customers.model import Customer
from chalicelib.customers.own_ports import Erasures, Open, Work
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.writes import Commit


@dataclass(frozen=True, slots=True)
class Asking:
    """What it takes to have an account erased."""

    erasures: Erasures
    opened: Open
    random_bytes: RandomBytes
    now: datetime
    commit: Commit


def ask_erasure(customer: Customer, asking: Asking) -> Erasure:
    """Have somebody forgotten, with their own account."""
    name = new_id("era", asking.random_bytes)
    wanted = Erasure(name, customer.account_id, customer.customer_id, customer.subject, asking.now)
    return _asked(wanted, asking)


def close_account(account_id: str, asking: Asking) -> Erasure:
    """Have an account of several people erased. Who was in it stays a customer, with what they had in it."""
    return _asked(Erasure(new_id("era", asking.random_bytes), account_id, "", "", asking.now, Step.MEMBERS), asking)


def _asked(wanted: Erasure, asking: Asking) -> Erasure:
    """Close the account for new use at once, and have it erased. Asked for again, it is looked at again."""
    erasures, opened = asking.erasures, asking.opened
    found = erasures.of_account(wanted.account_id)
    if found is not None:
        return found if found.is_done else asking.commit([erasures.going_on(found, asking.now)], found)
    there = opened.found(wanted.account_id, wanted.subject)
    if there:
        raise StillSomethingOpen(**{kind: list(ids) for kind, ids in there.items()})
    nothing = opened.nothing(wanted.account_id, StillSomethingOpen())
    return asking.commit([*erasures.asking(wanted), *nothing], wanted)


def erasure_of(erasure_id: str, *, erasures: Erasures) -> Erasure:
    """By its receipt."""
    found = erasures.find(erasure_id)
    if found is None:
        raise UnknownErasure(erasure_id=erasure_id[:64])
    return found


@dataclass(frozen=True, slots=True)
class Erasing:
    """What erases."""

    erasures: Erasures
    work: Work
    now: datetime
    commit: Commit


def go_on(erasure_id: str, revision: int, by: Erasing) -> Erasure | None:
    """Do the next piece, if it has not been done. None: it has."""
    found = by.erasures.find(erasure_id)
    if found is None or found.revision != revision or found.is_done:
        return None
    try:
        return _DO[found.step](found, by)
    except ErasureChanged:
        return None  # done by another who had the same message


def _members(found: Erasure, by: Erasing) -> Erasure:
    return _saved(found.went_on(*by.work.dismiss(found)), by)


def _file(found: Erasure, by: Erasing) -> Erasure:
    return _saved(found.went_on({}, by.work.write_file(found)), by)


def _debts(found: Erasure, by: Erasing) -> Erasure:
    waits = by.work.debts(found)
    if not waits:
        return _saved(found.went_on({}, None), by)
    after = found.waiting(waits)
    again = by.erasures.looking_again(after, by.now + after.looks_again_in, by.now)
    return by.commit([by.erasures.saving(after), again], after)


def _provider(found: Erasure, by: Erasing) -> Erasure:
    by.work.leave_provider(found)
    return _saved(found.went_on({}, None), by)


def _usage(found: Erasure, by: Erasing) -> Erasure:
    return _saved(found.went_on(*by.work.forget_usage(found)), by)


def _personal(found: Erasure, by: Erasing) -> Erasure:
    return _saved(found.went_on(*by.work.forget_personal(found)), by)


def _key(found: Erasure, by: Erasing) -> Erasure:
    after = found.done(by.now)
    writes = [by.erasures.saving(after), *by.erasures.forgetting(found), *by.work.forget_key(found)]
    return by.commit(writes, after)


def _saved(after: Erasure, by: Erasing) -> Erasure:
    return by.commit([by.erasures.saving(after), by.erasures.going_on(after, by.now)], after)


_DO: Mapping[Step, Callable[[Erasure, Erasing], Erasure]] = {
    Step.MEMBERS: _members,
    Step.FILE: _file,
    Step.DEBTS: _debts,
    Step.PROVIDER: _provider,
    Step.USAGE: _usage,
    Step.PERSONAL: _personal,
    Step.KEY: _key,
}
