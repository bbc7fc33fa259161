"""Scan and go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chalicelib.access.model import AccessSession, Entitled
from chalicelib.access.need import need_policy
from chalicelib.access.ports import Sealer, Sessions, Standing
from chalicelib.access.quoting import read_quote
from chalicelib.catalogue.errors import UnknownAsset
from chalicelib.catalogue.model import Asset, Product
from chalicelib.catalogue.policy import Offline, UsePolicy
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.service import on_offer
from chalicelib.customers.model import Customer
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.time import SECONDS_IN
from chalicelib.kernel.writes import Commit
from chalicelib.rating import Tariff


@dataclass(frozen=True, slots=True)
class StartSession:
    """What a customer says to start: the code that was scanned and the quote that was accepted."""

    customer: Customer
    code: str
    quote: str


@dataclass(frozen=True, slots=True)
class Starting:
    """What a start needs from outside."""

    catalogue: Catalogue
    sessions: Sessions
    standing: Standing
    sealer: Sealer
    random_bytes: RandomBytes
    now: datetime
    commit: Commit


def start_session(command: StartSession, *, starting: Starting) -> AccessSession:
    """Take the asset at the quoted price, if it is free and the account may. All conditions hold in one transaction."""
    session, asset, _ = promised(command, starting=starting)
    writes = [
        *starting.sessions.starting(session, asset.capacity),
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *starting.standing.conditions(session.account_id),
    ]
    return starting.commit(writes, session)


def promised(command: StartSession, *, starting: Starting) -> tuple[AccessSession, Asset, Product]:
    """The session of an accepted quote, beginning now, with what it is about; nothing is stored yet."""
    promise = read_quote(command.quote, sealer=starting.sealer)
    promise.check_taken_up(command.customer.account_id, command.code, starting.now)
    what = (promise.asset_id, promise.product_id, promise.tariff_version)
    asset, product, tariff = starting.catalogue.promised(promise.partner_id, *what)
    if asset is None or tariff is None or product is None:
        raise UnknownAsset(asset_id=promise.asset_id)
    session = AccessSession(
        session_id=new_id("ses", starting.random_bytes),
        account_id=promise.account_id,
        customer_id=command.customer.customer_id,
        partner_id=promise.partner_id,
        product_id=promise.product_id,
        asset_id=promise.asset_id,
        tariff_version=promise.tariff_version,
        quote_id=promise.quote_id,
        started_at=starting.now,
        meters=counted_meters(tariff),
        most_per_hour=bounds(tariff),
        policy=need_policy(product.policy),
        entitled=entitled_to(asset, product.policy, new_id("ent", starting.random_bytes)),
        booked_from=promise.booked_from,
    )
    return session, asset, product


def counted_meters(tariff: Tariff) -> Mapping[str, str]:
    """What is reported of a session: what is ordered we count ourselves."""
    return {meter.name: meter.unit for meter in tariff.meters if meter.name not in tariff.ordered_meters}


def bounds(tariff: Tariff) -> Mapping[str, Decimal]:
    """The most that an hour can bring on those that count no time."""
    counted = counted_meters(tariff)
    return {
        meter.name: meter.most_per_hour
        for meter in tariff.meters
        if meter.most_per_hour is not None and meter.name in counted and meter.unit not in SECONDS_IN
    }


def entitled_to(asset: Asset, policy: UsePolicy, name: str) -> Entitled:
    """Under a name that says nothing, even to who knows the customer's name in another session."""
    return Entitled(
        name=name,
        device_id=asset.device_id,
        seats=asset.capacity,
        streams=policy.streams,
        offline=policy.offline is Offline.ALLOW,
    )
