"""The price before the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.access.booking_errors import AssetBooked
from chalicelib.access.errors import AssetInUse, QuoteForged
from chalicelib.access.model import Promise
from chalicelib.access.ordering import longest_reservation, reserving_orders
from chalicelib.access.ports import Sealer, Sessions
from chalicelib.access.uses import cap_context
from chalicelib.catalogue.model import Asset, Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.service import what_code_stands_for
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.rating import Quoted, Tariff, quote

VALID = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AskQuote:
    """What a customer says to learn the price: the code, and how much of each meter will be needed."""

    account_id: str
    code: str
    need: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class GivenQuote:
    """The promise, its token, and what it was made from."""

    promise: Promise
    token: str
    quoted: Quoted
    asset: Asset
    product: Product
    tariff: Tariff


def give_quote(
    command: AskQuote,
    *,
    catalogue: Catalogue,
    sessions: Sessions,
    sealer: Sealer,
    random_bytes: RandomBytes,
    now: datetime,
) -> GivenQuote:
    """What the stated need costs at the asset that carries the code, and the most that a day of it can cost.

    What the account used earlier counts against its caps, as it will on the bill.
    """
    asset, product, tariff = what_code_stands_for(command.code, now, catalogue=catalogue)
    room = sessions.room(f"{asset.partner_id}/{asset.asset_id}", asset.capacity, now)
    if not room.free:
        raise AssetBooked(code=command.code) if room.kept else AssetInUse(code=command.code)
    earlier = cap_context(command.account_id, now, tariff, tariff.zone, catalogue=catalogue, sessions=sessions)
    reserved = longest_reservation(product, tariff)
    orders = reserving_orders(product, tariff)
    quoted = quote(tariff, now, command.need, earlier, start_by=now + VALID + reserved, orders=orders)
    promise = Promise(
        quote_id=new_id("quo", random_bytes),
        account_id=command.account_id,
        partner_id=asset.partner_id,
        product_id=asset.product_id,
        asset_id=asset.asset_id,
        code=command.code,
        tariff_version=tariff.version,
        estimate=quoted.estimate,
        worst_case=quoted.worst_case,
        valid_until=now + VALID,
        booked_from=room.booked_from,
    )
    return GivenQuote(promise, sealer.seal(_sealed(promise)), quoted, asset, product, tariff)


def read_quote(token: str, *, sealer: Sealer) -> Promise:
    """The promise of a token, or `QuoteForged`."""
    sealed = sealer.unseal(token)
    try:
        currency = str(sealed["currency"])
        return Promise(
            quote_id=str(sealed["quote_id"]),
            account_id=str(sealed["account_id"]),
            partner_id=str(sealed["partner_id"]),
            product_id=str(sealed["product_id"]),
            asset_id=str(sealed["asset_id"]),
            code=str(sealed["code"]),
            tariff_version=int(str(sealed["tariff_version"])),
            estimate=Money(int(str(sealed["estimate"])), currency),
            worst_case=Money(int(str(sealed["worst_case"])), currency),
            valid_until=parse_instant(str(sealed["valid_until"])),
            booked_from=parse_instant(str(sealed["booked_from"])) if sealed.get("booked_from") else None,
        )
    except (KeyError, ValueError) as error:
        raise QuoteForged from error


def _sealed(promise: Promise) -> dict[str, object]:
    return {
        "quote_id": promise.quote_id,
        "account_id": promise.account_id,
        "partner_id": promise.partner_id,
        "product_id": promise.product_id,
        "asset_id": promise.asset_id,
        "code": promise.code,
        "tariff_version": promise.tariff_version,
        "estimate": promise.estimate.minor,
        "worst_case": promise.worst_case.minor,
        "currency": promise.estimate.currency,
        "valid_until": format_instant(promise.valid_until),
        **({"booked_from": format_instant(promise.booked_from)} if promise.booked_from else {}),
    }
