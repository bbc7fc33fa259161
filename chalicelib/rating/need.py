"""A price for time by need state, time of day and day of week."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import SECONDS_IN
from chalicelib.rating.amounts import NOTHING, rounded_ratio
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.model import NEED_STATES, Need, NeedState, Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running
from chalicelib.rating.wall import wall_spans
from chalicelib.rating.windows import Rates, Window, in_windows, read_rates, read_windows

_MICROSECOND = timedelta(microseconds=1)
_MILLION = 1_000_000


@dataclass(slots=True)
class _Share:
    """The time in one window and state, and what shows it."""

    microseconds: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeedPrice:
    """Rates per `per` (s, min or h), to the second: those of the window that the local time lies in, or else `rates`.

    Released and faulty time costs nothing, and its line says so.
    """

    kind: ClassVar[str] = "need"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    per: str
    rates: Rates
    windows: tuple[Window, ...] = ()

    def charges(self, use: Use, _: Running) -> list[RatedLine]:
        """One line per window and state. Rounded as a running sum, so that cutting the time up changes nothing."""
        lines: list[RatedLine] = []
        exact, billed = NOTHING, 0
        shares = self._shares(use)
        for number, state in sorted(shares, key=_order):
            share = shares[number, state]
            rates = self.rates if number is None else self.windows[number].rates
            exact += share.microseconds * rates.of(state)
            now = rounded_ratio(exact, SECONDS_IN[self.per] * _MILLION, use.tariff.currency)
            lines.append(self._line(use, (number, state), share, now - billed))
            billed = now
        return lines

    def _shares(self, use: Use) -> dict[tuple[int | None, NeedState], _Share]:
        shares: dict[tuple[int | None, NeedState], _Share] = {}
        for need in use.needs:
            for number, length in self._pieces(need, use.tariff.zone):
                share = shares.setdefault((number, need.state), _Share(0, ()))
                share.microseconds += length // _MICROSECOND
                share.evidence += tuple(each for each in need.evidence if each not in share.evidence)
        return shares

    def _pieces(self, need: Need, zone: str) -> list[tuple[int | None, timedelta]]:
        if not self.windows:
            return [(None, need.end - need.start)] if need.end > need.start else []
        return [
            (number, end - start)
            for span in wall_spans(need.start, need.end, zone)
            for number, start, end in in_windows(self.windows, *span)
        ]

    def _line(self, use: Use, where: tuple[int | None, NeedState], share: _Share, minor: int) -> RatedLine:
        number, state = where
        rate = (self.rates if number is None else self.windows[number].rates).of(state)
        free = state in {"released", "faulty"}
        return RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            Decimal(share.microseconds) / _MILLION,
            "s",
            None,
            Money(minor, use.tariff.currency),
            "state_not_charged" if free else "time_in_state",
            {"state": state, "window": "" if number is None else str(number), "price": plain(rate), "per": self.per},
            share.evidence,
        )

    def document(self) -> dict[str, object]:
        """Rates and windows."""
        return {"per": self.per, **self.rates.document(), "windows": [window.document() for window in self.windows]}


def _order(where: tuple[int | None, NeedState]) -> tuple[int, int]:
    number, state = where
    return (-1 if number is None else number, NEED_STATES.index(state))


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> NeedPrice:
    """Read the rates and their windows."""
    per = fields.one_of("per", tuple(SECONDS_IN))
    return NeedPrice(price_id, charge_class, per, read_rates(fields), read_windows(fields))
