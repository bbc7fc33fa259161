"""What a use costs, and why: the one place where prices are applied.

Owns: tariffs (types, validation, documents), the rating of uses into lines, caps, quotes and their worst case.
Does not own: what was used (access, metering), who pays and when (billing), where tariffs are kept (catalogue).
Never: a clock, a store, a float, words for people in the lines, a second way to compute a price.
"""

from chalicelib.rating.document import tariff_document, tariff_from_document
from chalicelib.rating.errors import InvalidTariff, InvalidUse
from chalicelib.rating.flat import FlatFee
from chalicelib.rating.lines import RatedLine, line_document, line_from_document
from chalicelib.rating.model import START, Cap, Meter, Price, Tariff, Use
from chalicelib.rating.package import PackagePrice
from chalicelib.rating.quote import Quoted, quote
from chalicelib.rating.rate import rate
from chalicelib.rating.threshold import ThresholdFee

__all__ = [
    "START",
    "Cap",
    "FlatFee",
    "InvalidTariff",
    "InvalidUse",
    "Meter",
    "PackagePrice",
    "Price",
    "Quoted",
    "RatedLine",
    "Tariff",
    "ThresholdFee",
    "Use",
    "line_document",
    "line_from_document",
    "quote",
    "rate",
    "tariff_document",
    "tariff_from_document",
]
