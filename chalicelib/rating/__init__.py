"""What a use costs, and why: the one place where prices are applied.

Owns: tariffs (types, validation, documents), the rating of uses into lines, fairness, quotes and their worst case.
Does not own: what was used (access, metering), who pays and when (billing), where tariffs are kept (catalogue).
Never: a clock, a store, a float, words for people in the lines, a second way to compute a price.
"""

from chalicelib.rating.account import ACCOUNT_STEPS, AccountTerms, RatedAccount, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.account_document import terms_document, terms_from_document
from chalicelib.rating.advice import Advice, Ownership, advise
from chalicelib.rating.best_fare import BestFare
from chalicelib.rating.capacity import CapacityPrice
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.difference import difference
from chalicelib.rating.document import tariff_document, tariff_from_document
from chalicelib.rating.errors import InvalidProof, InvalidTariff, InvalidTerms, InvalidUse, NoTariffInForce
from chalicelib.rating.flat import FlatFee
from chalicelib.rating.graduated import GraduatedPrice
from chalicelib.rating.graduated_percentage import GraduatedPercentage
from chalicelib.rating.lines import RatedLine, line_document, line_from_document
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import START, Need, Price, Tariff, Use
from chalicelib.rating.need import NeedPrice
from chalicelib.rating.package import PackagePrice
from chalicelib.rating.percentage import PercentagePrice
from chalicelib.rating.promotions import Coupon, Credit, Reward
from chalicelib.rating.proof import Finding, prove, verify, verify_chain
from chalicelib.rating.quote import Quoted, quote
from chalicelib.rating.rate import STEPS, rate, rate_on
from chalicelib.rating.recurring import RecurringFee
from chalicelib.rating.running import Running
from chalicelib.rating.simulation import Past, Simulated, Summary, meters_not_used, simulate
from chalicelib.rating.tax import Taxed, tax_by_line, taxed
from chalicelib.rating.terms import Allowance, Cap, Minimum, Regret
from chalicelib.rating.threshold import ThresholdFee
from chalicelib.rating.tiers import Tier
from chalicelib.rating.unit import UnitPrice
from chalicelib.rating.use_document import use_document, use_from_document
from chalicelib.rating.versions import Change, by_version, in_force, on_offer
from chalicelib.rating.volume import VolumePrice

__all__ = [
    "ACCOUNT_STEPS",
    "START",
    "STEPS",
    "AccountCap",
    "AccountTerms",
    "Advice",
    "Allowance",
    "BestFare",
    "Cap",
    "CapacityPrice",
    "Ceiling",
    "Change",
    "Coupon",
    "Credit",
    "Finding",
    "FlatFee",
    "GraduatedPercentage",
    "GraduatedPrice",
    "InvalidProof",
    "InvalidTariff",
    "InvalidTerms",
    "InvalidUse",
    "Meter",
    "Minimum",
    "Need",
    "NeedPrice",
    "NoTariffInForce",
    "Ownership",
    "PackagePrice",
    "Past",
    "PercentagePrice",
    "Price",
    "Quoted",
    "RatedAccount",
    "RatedLine",
    "RecurringFee",
    "Regret",
    "Reward",
    "Running",
    "Simulated",
    "Summary",
    "Tariff",
    "Taxed",
    "ThresholdFee",
    "Tier",
    "UnitPrice",
    "Use",
    "VolumePrice",
    "advise",
    "by_version",
    "difference",
    "in_force",
    "line_document",
    "line_from_document",
    "meters_not_used",
    "on_offer",
    "prove",
    "quote",
    "rate",
    "rate_account",
    "rate_on",
    "simulate",
    "tariff_document",
    "tariff_from_document",
    "tax_by_line",
    "taxed",
    "terms_document",
    "terms_from_document",
    "use_document",
    "use_from_document",
    "verify",
    "verify_chain",
]
