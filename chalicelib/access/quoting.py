"""The price before the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from chalicelib.access.agreed import Agreed
from chalicelib.access.allowing import Allowing, Asked, allowance, asked_of, in_use, under
from chalicelib.access.booking_errors import AssetBooked
from chalicelib.access.errors import QuoteForged, QuoteStale
from chalicelib.access.limits import Allowance
from chalicelib.access.member_fare import choose
from chalicelib.access.model import Promise
from chalicelib.access.need import need_policy
from chalicelib.access.ordering import longest_reservation, reserving_orders
from chalicelib.access.ports import Sealer
from chalicelib.access.uses import cap_context
from chalicelib.catalogue.model import Asset, Product
from chalicelib.catalogue.ports import Catalogue, Promised
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
    customer_id: str
    code: str
    need: Mapping[str, Decimal]
    member_of: str | None = None

    @property
    def member(self) -> str | None:
        """Who is asking, where the account is another's."""
        return self.customer_id if self.member_of is not None else None


@dataclass(frozen=True, slots=True)
class GivenQuote:
    """The promise, what it was made from, and how it stands with what a start needs."""

    promise: Promise
    quoted: Quoted
    asset: Asset
    product: Product
    tariff: Tariff
    asked: Sequence[Asked]
    allowance: Allowance

    @property
    def of(self) -> Promised:
        """What it is of."""
        return Promised(self.asset, self.product, self.tariff)


def give_quote(command: AskQuote, *, allowing: Allowing, random_bytes: RandomBytes) -> GivenQuote:
    """What the stated need costs at the asset that carries the code, and the most that a day of it can cost.

    What the account used earlier counts against its caps, as it will on the bill. Who is a member by a subscription
    that is in force has its fare, where that is the best.
    """
    catalogue, sessions, now = allowing.catalogue, allowing.sessions, allowing.now
    asset, product, tariff = what_code_stands_for(command.code, now, catalogue=catalogue)
    room = sessions.room(asset.asset_key, asset.capacity, now)
    if room.kept:
        raise AssetBooked(code=command.code)
    if not room.free:
        raise in_use(asset.asset_key, command.account_id, sessions=sessions, code=command.code)

    def quoting(tariff: Tariff) -> Quoted:
        earlier = cap_context(command.account_id, now, tariff, tariff.zone, catalogue=catalogue, sessions=sessions)
        start_by = now + VALID + longest_reservation(product, tariff)
        orders = reserving_orders(product, tariff)
        return quote(tariff, now, command.need, earlier, start_by=start_by, orders=orders)

    members = allowing.member_fares.of(command.account_id, command.customer_id, product.tariff_id, now)
    chosen = choose(product, tariff, members, now, catalogue=catalogue, quoting=quoting)
    tariff, quoted, member = chosen.tariff, chosen.quoted, chosen.member_fare
    costs = (quoted.estimate, quoted.worst_case)
    allowed = allowance(command.account_id, tariff, *costs, allowing=allowing, member=command.member)
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
        valid_until=chosen.until(now + VALID),
        booked_from=room.booked_from,
        customer_id=command.customer_id,
        agreed=replace(
            under(agreed_on(product, quoted, catalogue=catalogue), allowed),
            member_fare=tuple(member.row()) if member is not None else None,
        ),
    )
    asked = allowing.personal.asked(command.customer_id, promise.partner_id, promise.agreed, now)
    return GivenQuote(promise, quoted, asset, product, tariff, asked, allowed)


def agreed_on(product: Product, quoted: Quoted, *, catalogue: Catalogue) -> Agreed:
    """What is promised beside the price: what the product asks for, what is held, and by what policy need goes."""
    hold = product.policy.hold
    return replace(
        asked_of(product, catalogue=catalogue),
        estimate=quoted.estimate,
        worst_case=quoted.worst_case,
        hold=hold.of(quoted.worst_case) if hold else None,
        policy=need_policy(product.policy).document(),
    )


def seal_quote(promise: Promise, *, sealer: Sealer) -> str:
    """The token that a start gives back."""
    return sealer.seal(_sealed(promise))


def read_quote(token: str, *, sealer: Sealer) -> Promise:
    """The promise of a token, or `QuoteForged`. One from before there was more than a price in it is not valid now."""
    sealed = sealer.unseal(token)
    if "agreed" not in sealed:
        raise QuoteStale(quote_id=str(sealed.get("quote_id", ""))[:64])
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
            agreed=Agreed.of(cast("Mapping[str, Any]", sealed["agreed"])),
            booked_from=parse_instant(str(sealed["booked_from"])) if sealed.get("booked_from") else None,
            customer_id=str(sealed["customer_id"]) if sealed.get("customer_id") else None,
        )
    except (KeyError, ValueError, TypeError) as error:
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
        "agreed": promise.agreed.document(),
        **({"booked_from": format_instant(promise.booked_from)} if promise.booked_from else {}),
        **({"customer_id": promise.customer_id} if promise.customer_id else {}),
    }
