"""The parts of the finance door and of the workers: what mobile and partner never load."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from chalicelib.edge.wiring_taxes import TaxWiring

if TYPE_CHECKING:  # as in wiring
    from chalicelib.access.marks_ports import Marks
    from chalicelib.access.watch_ports import Watches
    from chalicelib.billing.payment_terms import Addressing, Terms
    from chalicelib.billing.settling import Settled
    from chalicelib.billing.stripe_calls import StripeCalls
    from chalicelib.billing.unwritten import Unwritten
    from chalicelib.finance.audit_ports import Audits
    from chalicelib.finance.closes_ports import Closes
    from chalicelib.finance.closes_store import PageQueue
    from chalicelib.finance.model import Export
    from chalicelib.finance.parting import Parting
    from chalicelib.finance.parts_ports import Parts
    from chalicelib.finance.ports import Book, Files
    from chalicelib.finance.reconciliation_ports import Reconciliations
    from chalicelib.finance.reconciling_run import Reconciling
    from chalicelib.finance.writing import Exporting
    from chalicelib.kernel.time import Month
    from chalicelib.kernel.writes import Commit
    from chalicelib.storage.timers import Scheduler, Timer


class BackOffice(TaxWiring):
    """What closing, collecting and exporting need beside the rest."""

    @cached_property
    def closes(self) -> Closes:
        """Closes and exports."""
        from chalicelib.finance.closes_store import CloseStore

        self._use_tables()
        return CloseStore()

    @cached_property
    def marks(self) -> Marks:
        """Which accounts are to be billed, for many at once."""
        from chalicelib.access.marks_store import MarkStore

        self._use_tables()
        return MarkStore()

    @cached_property
    def reconciliations(self) -> Reconciliations:
        """Runs of reconciling."""
        from chalicelib.finance.reconciliation_store import ReconciliationStore

        self._use_tables()
        return ReconciliationStore()

    @cached_property
    def audits(self) -> Audits:
        """Who has read what."""
        from chalicelib.finance.audit_store import AuditStore

        self._use_tables()
        return AuditStore()

    @cached_property
    def terms(self) -> Terms:
        """Decisions about payment terms."""
        from chalicelib.billing.term_store import TermStore

        self._use_tables()
        return TermStore()

    @cached_property
    def addresses(self) -> Addressing:
        """Where Stripe sends bills."""
        from chalicelib.billing.stripe_terms import StripeAddresses

        return StripeAddresses(self._stripe_calls)

    @cached_property
    def pages(self) -> PageQueue:
        """The queue over which closes, and exports of many accounts, are spread."""
        from chalicelib.finance.closes_store import PageQueue

        return PageQueue(self.settings.required("CLOSE_QUEUE_URL"))

    @cached_property
    def files(self) -> Files:
        """Where exports are written: each object is locked for as long as the law asks, if that is said."""
        from chalicelib.finance.file_store import ExportFiles, Retention

        bucket, endpoint = self.settings.required("EXPORTS_BUCKET"), self.settings.environment.get("OBJECTS_ENDPOINT")
        lock = self.settings.export_retention
        return ExportFiles(bucket, endpoint, Retention(*lock, self.now) if lock else None)

    @cached_property
    def scheduler(self) -> Scheduler:
        """Where timers are set."""
        from chalicelib.storage.timers import Scheduler

        names = ("TIMER_GROUP", "TIMER_TARGET_ARN", "TIMER_ROLE_ARN", "TIMER_FAILURES_ARN")
        return Scheduler(*map(self.settings.required, names))

    @cached_property
    def watches(self) -> Watches:
        """What was told of unused things."""
        from chalicelib.access.watch_store import WatchStore

        self._use_tables()
        return WatchStore()

    @cached_property
    def _stripe_calls(self) -> StripeCalls:
        """Stripe in the workers, which share a rate of calls; the doors' few calls go without."""
        from chalicelib.billing.rate_limit import Limiter
        from chalicelib.billing.rate_store import RateStore
        from chalicelib.billing.stripe_calls import StripeCalls

        rate, base = self.settings.stripe_calls_per_second, self.settings.environment.get("STRIPE_API_BASE")
        if not rate:
            return StripeCalls(self.settings.stripe_key, base)
        counts, real = RateStore(self.commit), lambda: int(time.time() * 1000)
        limiter = Limiter(rate, counts, now_ms=real, pause=lambda ms: time.sleep(ms / 1000))
        return StripeCalls(self.settings.stripe_key, base, limiter)

    def timer_of(self, document: Mapping[str, str]) -> Timer:
        """The timer of a message, or of a schedule that has fired."""
        from chalicelib.storage.timers import timer_of

        return timer_of(document)

    def settle(self, account_id: str, month: Month, commit: Commit | None = None, *, leaves: bool = False) -> Settled:
        """Bring an account's month to what it has to be; what goes on is billed when it ends or is cut.

        While Stripe Tax cannot be reached nothing is billed: it is tried again later, whoever has asked for it.
        """
        from chalicelib.billing.errors import CollectorUnavailable
        from chalicelib.billing.settling import settle

        try:
            return settle(account_id, month, self.settings.currency, **self._settling(commit), leaves=leaves)
        except CollectorUnavailable:
            self.settle_later(account_id, month)
            raise

    def to_settle(self, account_id: str, month: Month) -> Settled | Unwritten | None:
        """What an account's month has to be brought to, if one transaction holds it."""
        from chalicelib.billing.settling import Settling, unwritten

        return unwritten(account_id, month, self.settings.currency, by=Settling(**self._settling(None)))

    def _settling(self, commit: Commit | None) -> dict[str, Any]:
        """By what accounts are settled."""
        from chalicelib.billing.triggers import Ended
        from chalicelib.edge.time_zone_data import time_zone_data

        return {
            "billed": self.billed,
            "used": Ended(self.used),
            "ledger": self.ledger,
            "shared": self.shared,
            "issuing": replace(self.issuing, ahead=self.purse, taxes=self.taxing()),
            "time_zone_data": time_zone_data(),
            "now": self.now(),
            "commit": commit or self.commit,
        }

    def page(self) -> BackOffice:
        """For a page of a close: the same, but products, caps, rates, shares and the seller are read once for it."""
        from chalicelib.edge.lives_ahead import LivesAhead
        from chalicelib.edge.reading_once import Once

        page = copy(self)
        kept: dict[str, Any] = {
            "catalogue": Once(self.catalogue, "product"),
            "plans": Once(self.plans, "plan"),
            "lives": LivesAhead(self.lives),
            "billed": Once(self.billed, "fare_caps"),
            "share_rows": Once(self.share_rows, "stated_rates"),
            "shares_agreed": Once(self.shares_agreed, "share_terms"),
            "issuing": replace(
                self.issuing,
                numbers=cast("Any", Once(self.issuing.numbers, "default_seller", "seller")),
                sells=cast("Any", Once(self.issuing.sells, "selling")),
            ),
        }
        page.__dict__.pop("used", None)  # made of them
        page.__dict__.update(kept)
        return page

    def for_accounts(self) -> BackOffice:
        """For what reads months of accounts, each more than once: its charge records and charges are read once."""
        from chalicelib.edge.reading_once import OnceForEach

        each = copy(self)
        kept: dict[str, Any] = {
            "sessions": OnceForEach(self.sessions, "charged"),
            "charges": OnceForEach(self.charges, "of_account"),
            "lives": OnceForEach(self.lives, "lived"),
        }
        each.__dict__.update(kept)
        return each

    def close_account(self, account_id: str, month: Month) -> Settled:
        """Charge what goes on until the month's end, and settle the month."""
        self.carry_over(account_id, month)
        return self.settle(account_id, month)

    def carry_over(self, account_id: str, month: Month) -> None:
        """Cut what goes on at the month's end, and have the next month billed if a fee goes on."""
        from chalicelib.access.cutting import cut_open

        cut_open(account_id, month, ending=self.ending(self.now(), self.commit))
        if self.subscribed.goes_on(account_id, month.next, self.now()):
            self.commit([self.sessions.active_in(account_id, month.next)], None)

    def books(self, export: Export) -> Sequence[Book]:
        """What reads a month beside the files of its rows, and leaves files of its own in the export."""
        from chalicelib.edge.wiring_monitors import monitors_of

        return [monitors_of(export, self)]

    def reconciling(self) -> Reconciling:
        """What a month is reconciled by."""
        from chalicelib.edge.both_books import BothBooks
        from chalicelib.finance.reconciling_run import Reconciling
        from chalicelib.finance.spooling import DiskSpool

        where = self.reconciliations, BothBooks(self), DiskSpool
        return Reconciling(*where, self.settings.zone, self.now(), self.commit)

    @cached_property
    def export_parts(self) -> Parts:
        """Exports in parts."""
        from chalicelib.finance.parts_store import PartStore

        self._use_tables()
        return PartStore()

    def parting(self) -> Parting:
        """What an export is written by, in parts where it has many accounts."""
        from chalicelib.finance.parting import Parting

        return Parting(self.exporting(), self.export_parts, self.sessions, self.pages)

    def exporting(self) -> Exporting:
        """What an export is written by."""
        from chalicelib.edge.account_months import AccountMonths
        from chalicelib.edge.export_lookups import ExportLookups
        from chalicelib.edge.pseudonyms import Pseudonyms
        from chalicelib.finance.chart import chart_of
        from chalicelib.finance.spooling import DiskSpool
        from chalicelib.finance.writing import Exporting

        months, pepper = AccountMonths(self), self.settings.pepper
        return Exporting(
            closes=self.closes,
            files=self.files,
            reading=months,
            lookups=ExportLookups(self, months),
            books=self.books,
            chart=lambda: chart_of(self.settings.optional("JOURNAL_ACCOUNTS", "")),
            pseudonym=lambda partner, month, account: Pseudonyms(pepper, partner, month).of(account),
            spool=DiskSpool,
            zone=self.settings.zone,
            now=self.now(),
            commit=self.commit,
        )
