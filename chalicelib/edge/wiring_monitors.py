"""The monitors' parts: what fills them while an export is written, and where they are read afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.edge.settings import SettingMissing, Settings
from chalicelib.kernel.languages import LANGUAGES, LAST

if TYPE_CHECKING:  # as in wiring
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.finance.model import Export
    from chalicelib.finance.monitors import Monitors, Stated
    from chalicelib.kernel.time import Month

_MOST_MONTHS = 120


def operators_language(settings: Settings) -> str:
    """In which language the operator's workbooks are."""
    language = settings.optional("ADGANG_LANGUAGE", LAST)
    if language not in LANGUAGES:
        raise SettingMissing(f"ADGANG_LANGUAGE is one of {', '.join(LANGUAGES)}")
    return language


def stated(settings: Settings, wired: BackOffice, month: Month) -> Stated:
    """What a month's monitors are made by, beside its books."""
    from chalicelib.finance.customer_value import ValueTerms
    from chalicelib.finance.monitors import Stated
    from chalicelib.finance.offered import CloudCost

    return Stated(
        month,
        settings.currency,
        settings.zone,
        wired.shared.tax_rates(month),
        CloudCost(per_dollar=_per_dollar(settings)),
        ValueTerms(_months(settings, "ADGANG_LAPSED_AFTER_MONTHS"), _months(settings, "ADGANG_VALUE_MONTHS")),
    )


def monitors_of(export: Export, wired: BackOffice) -> Monitors:
    """Empty monitors of an export, with the month before, and the workbook that they become."""
    from chalicelib.edge.account_months import AccountMonths
    from chalicelib.edge.export_lookups import ExportLookups
    from chalicelib.edge.offered import CatalogueOffered
    from chalicelib.edge.report_files import report_in
    from chalicelib.finance.monitors import Monitors
    from chalicelib.finance.reconciled import checks_of
    from chalicelib.finance.stored_monitors import MonthBefore
    from chalicelib.finance.tallies import TalliesOnDisk

    settings, month = wired.settings, export.month
    checks = list(checks_of(month, reconciliations=wired.reconciliations, as_of=export.as_of))
    return Monitors(
        stated(settings, wired, month),
        offered=CatalogueOffered(wired.catalogue, wired.partners, month, settings.zone),
        tallies=TalliesOnDisk(),
        earlier=MonthBefore(export, wired.closes, wired.files.read, wired.ledger),
        lookups=ExportLookups(wired, AccountMonths(wired)),
        report=report_in(operators_language(settings), checks),
    )


def _months(settings: Settings, name: str) -> int:
    months = int(settings.optional(name, "3"))
    if not 1 <= months <= _MOST_MONTHS:
        raise SettingMissing(f"{name} is from 1 to {_MOST_MONTHS}")
    return months


def _per_dollar(settings: Settings) -> Decimal:
    per_dollar = Decimal(settings.optional("ADGANG_PER_DOLLAR", "1"))
    if not (per_dollar.is_finite() and per_dollar > 0):
        raise SettingMissing("ADGANG_PER_DOLLAR is what a US dollar is in the operator's currency")
    return per_dollar
