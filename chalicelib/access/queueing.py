"""Get in line for what is taken, and be served in order when it becomes free."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.access.allowing import commit_start
from chalicelib.access.booking_errors import AssetBooked
from chalicelib.access.errors import (
    AssetInUse,
    LineFull,
    NothingToWaitFor,
    NotWaiting,
    TooManyLines,
    WaitingChanged,
)
from chalicelib.access.model import AccessSession
from chalicelib.access.quoting import AskQuote, give_quote
from chalicelib.access.reserving import conditions, held_free
from chalicelib.access.starting import Starting, StartSession
from chalicelib.access.waiting import HOLD, MOST_ASSETS, MOST_IN_LINE, MOST_LINES, Waiting, waiting_for
from chalicelib.access.waiting_ports import Lines
from chalicelib.catalogue.errors import (
    AssetOffOffer,
    AssetRetired,
    AssetTakenOut,
    NoTariff,
    UnknownAsset,
    UnknownCode,
    UnknownProduct,
)
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.ports import Catalogue
from chalicelib.customers.model import Customer
from chalicelib.kernel.errors import Contended, Refusal, Unavailable

_TRIES, _MOST_QUERIES = 6, 5
_MOST_PASSED = MOST_IN_LINE + _TRIES
_OF_THE_ASSET = (
    AssetBooked,
    AssetInUse,
    AssetOffOffer,
    AssetRetired,
    AssetTakenOut,
    NoTariff,
    UnknownAsset,
    UnknownCode,
    UnknownProduct,
)
"""Nobody in line could have it just now; any other refusal is of who is first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a customer waits for: the asset with a code, or any of a partner's product at a place."""

    code: str | None = None
    partner_id: str = ""
    product_id: str = ""
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class Queueing:
    """What waiting needs from outside. `customer_of` an account is who signed up for it."""

    lines: Lines
    starting: Starting
    customer_of: Callable[[str], Customer | None]


def get_in_line(who: Customer, wanted: Wanted, *, queueing: Queueing) -> Waiting:
    """Wait for something, if all of it is taken and the account could start. Asked for twice, it is as after once."""
    parts, lines, now, account_id = queueing.starting, queueing.lines, queueing.starting.now, who.account_id
    member = who.customer_id if who.member_of is not None else None
    for _ in range(_TRIES):
        assets = _wanted(wanted, now, catalogue=parts.catalogue)
        waiting = waiting_for(account_id, assets, wanted.place_id or None, now, member)
        there = lines.of_account(account_id)
        mine = next((each for each in there if each.waiting_id == waiting.waiting_id), None)
        if mine is not None:
            return mine
        if len(there) >= MOST_LINES:
            raise TooManyLines(most=MOST_LINES)
        capacities = _check_taken(assets, lines)
        try:
            writes = [*lines.joining(waiting, capacities), *parts.standing.conditions(account_id)]
            return parts.commit(writes, waiting)
        except WaitingChanged:
            continue
    raise WaitingChanged


def leave_line(account_id: str, waiting_id: str, *, queueing: Queueing) -> None:
    """Wait no more. Who does not wait, or has left before, is as they wish."""
    waiting = queueing.lines.find(account_id, waiting_id)
    if waiting is not None:
        queueing.starting.commit(queueing.lines.leaving(waiting), None)


def serve(partner_id: str, asset_id: str, *, queueing: Queueing) -> AccessSession | None:
    """Hold what has become free for who waits longest and may start; None where nobody does, or it is taken again.

    Who came by and was faster keeps it, and the line stands as it was until it is given free again.
    """
    for _ in range(_MOST_PASSED):
        first = queueing.lines.first(f"{partner_id}/{asset_id}")
        asset = queueing.starting.catalogue.asset(partner_id, asset_id) if first else None
        if first is None or asset is None:
            return None
        try:
            if first.until > queueing.starting.now:
                return _hold(first, asset, queueing)
            _drop(first, "waiting_over", queueing)
        except WaitingChanged:
            continue
        except _OF_THE_ASSET:
            return None
        except (Contended, Unavailable):
            raise
        except Refusal:
            _drop(first, "waiting_passed", queueing)
    return None


def stop_waiting(account_id: str, waiting_id: str, at: datetime, *, queueing: Queueing) -> None:
    """The time is over, if it is that of who waits now."""
    waiting = queueing.lines.find(account_id, waiting_id)
    if waiting is not None and waiting.until <= at:
        _drop(waiting, "waiting_over", queueing)


def _hold(first: Waiting, asset: Asset, queueing: Queueing) -> AccessSession:
    """Reserve it by a quote of this moment, on the same conditions as any reservation; then they wait no more."""
    customer = queueing.customer_of(first.account_id)
    if customer is None:
        raise NotWaiting(waiting_id=first.waiting_id)
    if first.customer_id is not None:
        customer = replace(customer, customer_id=first.customer_id, member_of=first.account_id)
    parts = queueing.starting
    asked = AskQuote(first.account_id, customer.customer_id, asset.code, {}, customer.member_of)
    given = give_quote(asked, allowing=parts.allowing, random_bytes=parts.random_bytes)
    session, asset = held_free(
        StartSession(customer, asset.code, given.promise, given.of, confirmed=True), HOLD, starting=parts
    )
    writes = [
        *queueing.lines.holding(parts.sessions.reserving(session, asset.capacity)),
        *conditions(session, asset, starting=parts),
        *queueing.lines.leaving(first, held=None if asset.capacity is None else asset.asset_key),
        queueing.lines.calling(session, given.promise.worst_case, parts.now),
    ]
    return commit_start(writes, session, allowing=parts.allowing, commit=parts.commit)


def _drop(waiting: Waiting, code: str, queueing: Queueing) -> None:
    """Out of the line, and told so. Who has gone meanwhile is told nothing."""
    now = queueing.starting.now
    writes = [*queueing.lines.leaving(waiting), queueing.lines.dropping(waiting, code, now)]
    try:
        queueing.starting.commit(writes, None)
    except WaitingChanged:
        return


def _wanted(wanted: Wanted, now: datetime, *, catalogue: Catalogue) -> Sequence[Asset]:
    """The assets that would do, as far as a few queries find them. What is retired or looked after now would not."""
    if wanted.code is not None:
        asset = catalogue.asset_by_code(wanted.code)
        if asset is None or asset.retired:
            raise UnknownCode(code=wanted.code[:40])
        return [asset]
    where = {"product_id": wanted.product_id, "place_id": wanted.place_id}
    assets: list[Asset] = []
    after: str | None = None
    for _ in range(_MOST_QUERIES):
        found = catalogue.assets_of(wanted.partner_id, **where, limit=MOST_ASSETS, after=after)
        assets += [each for each in found.rows if not each.retired and not each.out_at(now)]
        after = found.after
        if after is None or len(assets) >= MOST_ASSETS:
            break
    if not assets:
        raise UnknownProduct(product_id=wanted.product_id[:64], place_id=wanted.place_id[:64])
    return assets[:MOST_ASSETS]


def _check_taken(assets: Sequence[Asset], lines: Lines) -> dict[str, int]:
    """Each asset's capacity; refused where anything is free, or where more wait than make sense."""
    taken = lines.taken([each.asset_key for each in assets])
    found: dict[str, int] = {}
    for each in assets:
        key = each.asset_key
        if each.capacity is None or taken[key].sessions < each.capacity:
            raise NothingToWaitFor(code=each.code)
        if taken[key].waiting >= MOST_IN_LINE:
            raise LineFull(code=each.code, most=MOST_IN_LINE)
        found[key] = each.capacity
    return found
