"""What a use costs, and why: the one place where prices are applied.

Owns: tariffs (types, validation, documents), the rating of uses into lines, fairness, quotes and their worst case.
Does not own: what was used (access, metering), who pays and when (billing), where tariffs are kept (catalogue).
Never: a clock, a store, a float, words for people in the lines, a second way to compute a price.
"""

from chalicelib.rating.account import ACCOUNT_STEPS, AccountTerms, RatedAccount, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.best_fare import BestFare
from chalicelib.rating.capacity import CapacityPrice
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.difference import difference
from chalicelib.rating.document import tariff_document, tariff_from_document
from chalicelib.rating.errors import InvalidTariff, InvalidUse
from chalicelib.rating.flat import FlatFee
from chalicelib.rating.graduated import GraduatedPrice
from chalicelib.rating.graduated_percentage import GraduatedPercentage
from chalicelib.rating.lines import RatedLine, line_document, line_from_document
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Need, Price, Tariff, Use
from chalicelib.rating.need import NeedPrice
from chalicelib.rating.package import PackagePrice
from chalicelib.rating.percentage import PercentagePrice
from chalicelib.rating.promotions import Coupon, Credit, Reward
from chalicelib.rating.quote import Quoted, quote
from chalicelib.rating.rate import STEPS, rate, rate_on
from chalicelib.rating.recurring import RecurringFee
from chalicelib.rating.running import Running
from chalicelib.rating.tax import Taxed, tax_by_line, taxed
from chalicelib.rating.terms import Allowance, Cap, Minimum, Regret
from chalicelib.rating.threshold import ThresholdFee
from chalicelib.rating.tiers import Tier
from chalicelib.rating.unit import UnitPrice
from chalicelib.rating.volume import VolumePrice

__all__ = [
    "ACCOUNT_STEPS",
    "STEPS",
    "AccountCap",
    "AccountTerms",
    "Allowance",
    "BestFare",
    "Cap",
    "CapacityPrice",
    "Ceiling",
    "Coupon",
    "Credit",
    "FlatFee",
    "GraduatedPercentage",
    "GraduatedPrice",
    "InvalidTariff",
    "InvalidUse",
    "Meter",
    "Minimum",
    "Need",
    "NeedPrice",
    "PackagePrice",
    "PercentagePrice",
    "Price",
    "Quoted",
    "RatedAccount",
    "RatedLine",
    "RecurringFee",
    "Regret",
    "Reward",
    "Running",
    "Tariff",
    "Taxed",
    "ThresholdFee",
    "Tier",
    "UnitPrice",
    "Use",
    "VolumePrice",
    "difference",
    "line_document",
    "line_from_document",
    "quote",
    "rate",
    "rate_account",
    "rate_on",
    "tariff_document",
    "tariff_from_document",
    "tax_by_line",
    "taxed",
]
