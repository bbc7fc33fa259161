"""What a use costs, and why: the one place where prices are applied.

Owns: tariffs (types, validation, documents), the rating of uses into lines, fairness, quotes and their worst case.
Does not own: what was used (access, metering), who pays and when (billing), where tariffs are kept (catalogue).
Never: a clock, a store, a float, words for people in the lines, a second way to compute a price.

What every door needs is here. The rest is taken from its own module, so that no door loads what it does not use:
`account` (best fare, caps over products, ceiling, promotions), `difference`, `tax`, `versions`, `simulation`, `advice`,
`proof`, and one module per kind of price.
"""

from chalicelib.rating.document import tariff_document, tariff_from_document
from chalicelib.rating.errors import InvalidTariff, InvalidUse
from chalicelib.rating.flat import FlatFee
from chalicelib.rating.lines import RatedLine, line_document, line_from_document
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import START, Need, Price, Tariff, Use
from chalicelib.rating.package import PackagePrice
from chalicelib.rating.quote import Quoted, quote
from chalicelib.rating.rate import STEPS, rate, rate_on
from chalicelib.rating.running import Running
from chalicelib.rating.terms import Cap
from chalicelib.rating.threshold import ThresholdFee

__all__ = [
    "START",
    "STEPS",
    "Cap",
    "FlatFee",
    "InvalidTariff",
    "InvalidUse",
    "Meter",
    "Need",
    "PackagePrice",
    "Price",
    "Quoted",
    "RatedLine",
    "Running",
    "Tariff",
    "ThresholdFee",
    "Use",
    "line_document",
    "line_from_document",
    "quote",
    "rate",
    "rate_on",
    "tariff_document",
    "tariff_from_document",
]
