"""The parts of disputes and of comparing our books with Stripe's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.edge.wiring import Wiring

if TYPE_CHECKING:  # as in wiring
    from chalicelib.billing.comparing import Comparing
    from chalicelib.billing.comparison_model import Difference
    from chalicelib.billing.comparison_ports import Comparisons
    from chalicelib.billing.dispute_model import Dispute
    from chalicelib.billing.dispute_ports import Disputes
    from chalicelib.billing.disputing import Disputing
    from chalicelib.billing.fees import Matching
    from chalicelib.billing.model import Invoice, ProviderInvoice
    from chalicelib.billing.stripe_books import StripeBooks
    from chalicelib.kernel.writes import Commit, Outcome, Write


class MoneyWiring(Wiring):
    """What is known of money at Stripe and at banks."""

    @cached_property
    def disputes(self) -> Disputes:
        """Disputes and their evidence."""
        from chalicelib.billing.dispute_store import DisputeStore

        self._use_tables()
        return DisputeStore()

    @cached_property
    def comparisons(self) -> Comparisons:
        """Comparisons and what they found."""
        from chalicelib.billing.comparison_store import ComparisonStore

        self._use_tables()
        return ComparisonStore()

    @cached_property
    def stripe_books(self) -> StripeBooks:
        """Stripe's side, with this door's key."""
        from chalicelib.billing.stripe_books import StripeBooks

        return StripeBooks(self._stripe_calls, self.collector.read)

    def disputing(self, now: datetime, commit: Commit) -> Disputing:
        """What disputes go by."""
        from chalicelib.billing.disputing import Disputing

        return Disputing(self.disputes, self.stripe_books, self.billed, self.ledger, self.settings.zone, now, commit)

    def comparing(self, asked_at: datetime, now: datetime) -> Comparing:
        """What comparing goes by."""
        from chalicelib.billing.comparing import Comparing

        return Comparing(self.comparisons, self._matching(asked_at, now))

    def _matching(self, asked_at: datetime, now: datetime) -> Matching:
        from chalicelib.billing.collecting import take_note
        from chalicelib.billing.disputing import bring
        from chalicelib.billing.fees import Matching

        def noting(difference: Difference) -> Commit:
            def commit(writes: Sequence[Write], outcome: Outcome) -> Outcome:
                return self.commit([*writes, self.comparisons.noting(asked_at, difference)], outcome)

            return commit

        def note(stands: ProviderInvoice, commit: Commit) -> Invoice | None:
            zone = self.settings.zone
            return take_note(stands, zone=zone, billed=self.billed, ledger=self.ledger, now=now, commit=commit)

        def disputed(dispute_id: str, commit: Commit) -> Dispute | None:
            return bring(dispute_id, self.disputing(now, commit))

        return Matching(
            provider=self.stripe_books,
            billed=self.billed,
            ledger=self.ledger,
            payouts=self.payouts,
            disputes=self.disputes,
            take_note=note,
            bring=disputed,
            refund_known=lambda _refund: False,
            zone=self.settings.zone,
            now=now,
            commit=self.commit,
            noting=noting,
        )
