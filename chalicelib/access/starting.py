"""Scan and go."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.access.model import AccessSession
from chalicelib.access.ports import Sealer, Sessions, Standing
from chalicelib.access.quoting import read_quote
from chalicelib.catalogue.errors import UnknownAsset
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.service import on_offer
from chalicelib.customers.model import Customer
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.time import SECONDS_IN
from chalicelib.kernel.writes import Commit


@dataclass(frozen=True, slots=True)
class StartSession:
    """What a customer says to start: the code that was scanned and the quote that was accepted."""

    customer: Customer
    code: str
    quote: str


def start_session(
    command: StartSession,
    *,
    catalogue: Catalogue,
    sessions: Sessions,
    standing: Standing,
    sealer: Sealer,
    random_bytes: RandomBytes,
    now: datetime,
    commit: Commit,
) -> AccessSession:
    """Take the asset at the quoted price, if it is free and the account may. All conditions hold in one transaction."""
    promise = read_quote(command.quote, sealer=sealer)
    promise.check_taken_up(command.customer.account_id, command.code, now)
    asset = catalogue.asset(promise.partner_id, promise.asset_id)
    tariff = catalogue.tariff(promise.partner_id, promise.product_id, promise.tariff_version)
    if asset is None or tariff is None:
        raise UnknownAsset(asset_id=promise.asset_id)
    session = AccessSession(
        session_id=new_id("ses", random_bytes),
        account_id=promise.account_id,
        customer_id=command.customer.customer_id,
        partner_id=promise.partner_id,
        product_id=promise.product_id,
        asset_id=promise.asset_id,
        tariff_version=promise.tariff_version,
        quote_id=promise.quote_id,
        started_at=now,
        meters={meter.name: meter.unit for meter in tariff.meters},
        most_per_hour={
            meter.name: meter.most_per_hour
            for meter in tariff.meters
            if meter.most_per_hour is not None and meter.unit not in SECONDS_IN
        },
    )
    writes = [
        *sessions.starting(session, asset.capacity),
        on_offer(asset, now, catalogue=catalogue),
        *standing.conditions(session.account_id),
    ]
    return commit(writes, session)
