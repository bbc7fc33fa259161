"""What customers did: sessions, need against what was at their disposal, and what not charging for the rest saved."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import chain

from chalicelib.finance.asset_rows import ASSET, AssetRows, about_product, asset_key, in_order, only_before
from chalicelib.finance.before import Before
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import Figures, Key, Row, Rows, Sums
from chalicelib.finance.offered import Offered, OnOffer
from chalicelib.finance.sums_on_disk import SumsOnDisk
from chalicelib.kernel.time import SECONDS_IN, Interval
from chalicelib.rating import Need, Tariff, Use, rate
from chalicelib.rating.stated import is_stated

UNUSED = ("kept_s", "grace_s", "released_s", "faulty_s")
"""What a thing was in custody and not in use."""
OF_NEED = ("in_use_s", *UNUSED)
_REPEATED = 2
_VIEWS = ("all", "category", "partner", "product")
_BY_NEED = "need"
"""The kind of price that goes by the state of need."""
_MICROSECOND = timedelta(microseconds=1)


class Behaviour:
    """Adds up sessions by product and asset, and customers by whatever they are counted over."""

    def __init__(self, offered: Offered, month: Interval) -> None:
        self._offered, self._month = offered, month
        self.sessions, self.customers_of_assets = SumsOnDisk(), SumsOnDisk()
        self.customers = Sums()

    def account(self, each: AccountMonth) -> int:
        """An account's sessions of the month, and how many. What was only ordered, or charged beside use, is none."""
        counted: dict[Key, int] = {}
        sessions = 0
        for use in each.statement.uses:
            if use.kind != "session" or is_stated(use):
                continue
            about, record = each.about(use.use_id), each.records.get(use.use_id)
            place = (each.currency, f"{about.partner_id}:{about.product_id}", about.asset_id)
            cut = record is not None and bool(record.session.cuts)
            if use.part is None or use.part.number == 0:
                self._count(place, within(use.needs, self._month, since_start=True) if cut else use.needs)
                self._save(place, use, cut=cut)
            sessions += self._seen(place, counted)
        for _, record in each.gone_on(self._month.start):
            session = record.session
            place = (each.currency, f"{session.partner_id}:{session.product_id}", session.asset_id)
            needs = [Need(need.interval.start, need.interval.end, need.state.value) for need in record.need.intervals]
            if not session.parts or session.parts[0].account_id == session.account_id:
                self._count(place, within(needs, self._month))
            sessions += self._seen(place, counted)
        for (by, key), times in counted.items():
            for figure in ("customers", "repeat_customers")[: min(times, _REPEATED)]:
                if by == ASSET:
                    self.customers_of_assets.add((key, each.currency), figure, 1)
                else:
                    self.customers.add((by, key, each.currency), figure, 1)
        return sessions

    def _seen(self, place: Key, counted: dict[Key, int]) -> int:
        _, product, asset = place
        for where in self._places(product, asset):
            counted[where] = counted.get(where, 0) + 1
        return 1

    def rows(self, things: Iterable[OnOffer], currency: str, before: Before) -> Rows:
        """By asset, category, partner and product."""
        assets = AssetRows(self._offered, before.of_assets, self.customers_of_assets)
        views, texts = Sums(), dict[tuple[str, str], Mapping[str, str]]()
        for place, figures in chain(self.sessions.items(), at_disposal(things, self._month, currency)):
            unit, product, asset = place
            texts["product", product] = about_product(product, self._offered)
            for figure, amount in figures.items():
                assets.add(place, figure, amount)
                for by, key in self._places(product, asset):
                    if by != ASSET:
                        views.add((by, key, unit), figure, amount)
        every = views.plus(self.customers)
        for by, key, unit in only_before(before.others, (place for place, _ in every.items()), _VIEWS):
            every.add((by, key, unit), "sessions", 0)
            if by == "product":
                texts[by, key] = about_product(key, self._offered)
        others = [
            Row(by, key, unit, figures, before.others.get((by, key, unit)), texts.get((by, key), {}))
            for (by, key, unit), figures in every.items()
        ]
        return in_order(others, assets.rows)

    def _count(self, place: Key, needs: Iterable[Need]) -> None:
        self.sessions.add(place, "sessions", 1)
        for figure, seconds in seconds_of(needs).items():
            self.sessions.add(place, figure, seconds)

    def _save(self, place: Key, use: Use, *, cut: bool) -> None:
        """Of a session that goes on only as far as the month shows it whole."""
        if not cut or not use.needs or use.needs[-1].end <= self._month.end:
            saved = saved_by_need(use)
            if saved:
                self.sessions.add(place, "saved", saved)

    def _places(self, product: str, asset: str) -> Iterator[tuple[str, str]]:
        yield "all", ""
        yield ASSET, asset_key(product, asset)
        yield "category", self._offered.category(product)
        yield "partner", product.partition(":")[0]
        yield "product", product


def at_disposal(things: Iterable[OnOffer], month: Interval, currency: str) -> Iterator[tuple[Key, Figures]]:
    """What things were at customers' disposal: a month's seconds, for each who may use them at once.

    Those of one that was not on offer from its beginning on count from then.

    What any number may use at once is never used up, so that nothing of it is at disposal or idle.
    """
    for each in things:
        if each.capacity is not None:
            since = month.start if each.since is None else max(month.start, each.since)
            seconds = int((month.end - since).total_seconds())
            yield (currency, each.product, each.asset), {"disposal_s": each.capacity * seconds}


def within(needs: Iterable[Need], month: Interval, *, since_start: bool = False) -> Iterator[Need]:
    """What of the stretches is in the month; `since_start`: with what came before it."""
    for need in needs:
        start = need.start if since_start else max(need.start, month.start)
        end = min(need.end, month.end)
        if start < end:
            yield need._replace(start=start, end=end)


def seconds_of(needs: Iterable[Need]) -> dict[str, int]:
    """Whole seconds by state, and those in which it was out and not in use."""
    lengths: dict[str, timedelta] = {}
    for need in needs:
        name = f"{need.state}_s"
        lengths[name] = lengths.get(name, timedelta(0)) + (need.end - need.start)
    found = {name: int(lengths[name].total_seconds()) for name in OF_NEED if name in lengths}
    return {**found, "unused_s": sum(found.get(name, 0) for name in UNUSED)}


def saved_by_need(use: Use) -> int:
    """What a session would have cost more if all the time that the thing was out had been charged as use.

    Both are rated by themselves, by the session's own tariff, without credits for faults.
    """
    unused = any(need.state != "in_use" and need.end > need.start for need in use.needs)
    if not unused or use.open or not _goes_by_time(use.tariff):
        return 0
    shared = use.part is not None or use.fault_credit is not None
    alone = replace(use, part=None, fault_credit=None) if shared else use
    return max(0, _cost(_all_used(alone)) - _cost(alone))


def _goes_by_time(tariff: Tariff) -> bool:
    """Whether time changes what a use costs: a meter counts it, or a price is by the state of need."""
    return any(meter.unit in SECONDS_IN for meter in tariff.meters) or any(
        price.kind == _BY_NEED for price in tariff.prices
    )


def _all_used(use: Use) -> Use:
    start, end = use.needs[0].start, use.needs[-1].end
    seconds = Decimal((end - start) // _MICROSECOND).scaleb(-6)
    quantities = dict(use.quantities)
    for meter in use.tariff.meters:
        if meter.unit in SECONDS_IN and meter.name in quantities:
            elapsed = (seconds / SECONDS_IN[meter.unit]).quantize(Decimal("1e-6"))
            quantities[meter.name] = max(quantities[meter.name], elapsed)
    return replace(use, quantities=quantities, needs=(Need(start, end, "in_use"),))


def _cost(use: Use) -> int:
    return sum(line.amount.minor for line in rate([use]))
