"""Go on with another asset: the one at hand will not do, the need goes on, and so does the session."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.access.acting import Asked, check_goes_on
from chalicelib.access.booking_errors import AssetBooked
from chalicelib.access.ending import Ending
from chalicelib.access.errors import OtherProduct, SessionChanged, TooManyMoves
from chalicelib.access.life import transferred
from chalicelib.access.model import AccessSession
from chalicelib.access.parts import Move
from chalicelib.access.reporting import said_faulty
from chalicelib.access.sharing import check_holder
from chalicelib.catalogue.errors import UnknownCode
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.service import on_offer
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.writes import Write
from chalicelib.metering.service import Taking

MOST_MOVES = 20
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a customer says to go on: the code of the other asset, and whether the one that is left is out of order."""

    asked: Asked
    code: str
    faulty: bool = False


def moved(session: AccessSession, asset: Asset, at: datetime, by: str, act_id: str) -> AccessSession:
    """On the other asset from then on, by the same quote. Moved to where it is already, it is as it was."""
    if (asset.partner_id, asset.product_id) != (session.partner_id, session.product_id):
        raise OtherProduct(pointer="/code", product_id=session.product_id)
    if asset.asset_id == session.asset_id:
        return session
    if len(session.moves) >= MOST_MOVES:
        raise TooManyMoves(session_id=session.session_id, most=MOST_MOVES)
    after = transferred(session, at, by, act_id)
    entitled = session.entitled and replace(session.entitled, device_id=asset.device_id, seats=asset.capacity)
    move = Move(session.asset_id, after.acts[-1].at, act_id)
    return replace(after, asset_id=asset.asset_id, entitled=entitled, moves=(*session.moves, move))


def transfer(command: Transfer, *, acting: Ending, taking: Taking, random_bytes: RandomBytes) -> AccessSession:
    """Leave the one asset and take the other, all in one transaction: no second start, and the need goes on.

    What is left is free at once or, if it is out of order, off the offers until its partner has seen to it. That it is
    stands among the session's evidence as any customer's word about a fault does, and gives back what such a one does.
    """
    asked, act_id = command.asked, new_id("act", random_bytes)
    asset = acting.catalogue.asset_by_code(command.code)
    for _ in range(_TRIES):
        session = check_holder(acting.sessions.find(asked.session_id), asked.session_id, asked.account_id)
        if asset is None:
            raise UnknownCode(code=command.code[:40])
        after = moved(session, asset, acting.now, asked.customer_id, act_id)
        if after is session:
            return session
        check_goes_on(session, acting=acting)
        after = replace(after, booked_from=_booked_from(asset, command.code, acting))
        writes = _writes(session, after, asset, faulty=command.faulty, acting=acting)
        try:
            if not command.faulty:
                return acting.commit(writes, after)
            at = after.on_asset_since
            return said_faulty(session, at, after, writes, taking=taking, random_bytes=random_bytes)
        except SessionChanged:
            continue
    raise SessionChanged(session_id=asked.session_id)


def _booked_from(asset: Asset, code: str, acting: Ending) -> datetime | None:
    """When somebody else has it booked, if nobody's booking keeps it already."""
    room = acting.sessions.room(asset.asset_key, asset.capacity, acting.now)
    if room.kept:
        raise AssetBooked(code=code)
    return room.booked_from


def _writes(before: AccessSession, after: AccessSession, asset: Asset, *, faulty: bool, acting: Ending) -> list[Write]:
    reported = [acting.sessions.reporting_fault(before, after.on_asset_since)] if faulty else []
    return [
        *acting.sessions.moving(before, after, asset.capacity, faulty=faulty),
        on_offer(asset, acting.now, catalogue=acting.catalogue),
        *reported,
    ]
