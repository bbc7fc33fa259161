"""The parts of disputes and of comparing our books with Stripe's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from chalicelib.edge.wiring import Wiring

if TYPE_CHECKING:  # as in wiring
    from chalicelib.billing.comparing import Comparing
    from chalicelib.billing.comparison_model import Difference
    from chalicelib.billing.comparison_ports import Comparisons
    from chalicelib.billing.control_store import ControlStore
    from chalicelib.billing.credit_ports import Refunder
    from chalicelib.billing.crediting import Crediting
    from chalicelib.billing.dispute_model import Dispute
    from chalicelib.billing.dispute_ports import Disputes
    from chalicelib.billing.disputing import Disputing
    from chalicelib.billing.fees import Matching
    from chalicelib.billing.model import Invoice, ProviderInvoice
    from chalicelib.billing.outside_parts import Booking
    from chalicelib.billing.outside_ports import Outsides
    from chalicelib.billing.stripe_books import StripeBooks
    from chalicelib.billing.wallet import Purse
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

    @cached_property
    def control(self) -> ControlStore:
        """When accounts are settled, and whether anything is collected."""
        from chalicelib.billing.control_store import ControlStore

        self._use_tables()
        return ControlStore()

    def crediting(self, now: datetime, commit: Commit) -> Crediting:
        """What credit is carried out by."""
        from chalicelib.billing.crediting import Crediting

        kept = (self.billed, self.issuing.notes, self.payouts, self.ledger)
        zone = self.settings.zone
        return Crediting(*kept, self.collector, self.refunder, zone, now, commit, self.purse, self.disputes)

    @property
    def purse(self) -> Purse:
        """What changes wallets."""
        from chalicelib.billing.wallet import Purse

        return Purse(self.wallets, self.billed, self.ledger, self.settings.zone)

    @cached_property
    def refunder(self) -> Refunder:
        """Stripe for money that goes back."""
        from chalicelib.billing.stripe_refunds import StripeRefunds

        return StripeRefunds(self._stripe_calls)

    def refund_noted(self, provider_refund: str, now: datetime, commit: Commit) -> bool | None:
        """Whether there was news of a refund, of a credit note or of a wallet; None of one that nobody here knows."""
        from chalicelib.billing.booking_outside import outside_noted
        from chalicelib.billing.paying_back import note_paid_back
        from chalicelib.billing.refunding import note_refund
        from chalicelib.edge.wiring_wallet import paying_out_of

        stands = self.refunder.refund_stands(provider_refund)
        if stands is None:
            return outside_noted(provider_refund, self.booking_outside(now, commit))
        if stands.of_wallet:
            return note_paid_back(stands, paying_out_of(self, now, commit))
        return note_refund(stands, self.crediting(now, commit)) is not None

    @cached_property
    def outsides(self) -> Outsides:
        """What finance has decided about refunds by hand."""
        from chalicelib.billing.outside_store import OutsideStore

        self._use_tables()
        return OutsideStore()

    def booking_outside(self, now: datetime, commit: Commit) -> Booking:
        """What refunds by hand are booked by."""
        from chalicelib.billing.outside_parts import Booking
        from chalicelib.edge.wiring_wallet import bringing_of, paying_out_of

        wallets = paying_out_of(self, now, commit), bringing_of(self, now, commit)
        return Booking(self.outsides, self.stripe_books, self.crediting(now, commit), *wallets, self.issuing)

    def disputing(self, now: datetime, commit: Commit) -> Disputing:
        """What disputes go by."""
        from chalicelib.billing.disputing import Disputing
        from chalicelib.edge.wiring_wallet import bringing_of

        return Disputing(self.disputes, self.stripe_books, bringing_of(self, now, commit))

    def comparing(self, asked_at: datetime, now: datetime) -> Comparing:
        """What comparing goes by."""
        from chalicelib.billing.comparing import Comparing

        return Comparing(self.comparisons, self._matching(asked_at, now))

    def tax_differences(
        self, _account_id: str, _noting: Callable[[Difference], Commit], _now: datetime
    ) -> Iterable[Difference]:
        """What Stripe Tax reports otherwise; nothing where nobody asks it."""
        return ()

    def _matching(self, asked_at: datetime, now: datetime) -> Matching:
        from chalicelib.billing.cards import card_found
        from chalicelib.billing.collecting import take_note
        from chalicelib.billing.disputing import bring
        from chalicelib.billing.fees import Matching
        from chalicelib.billing.onboarding import look_again
        from chalicelib.edge.wiring_wallet import top_up_noted

        def noting(difference: Difference) -> Commit:
            def commit(writes: Sequence[Write], outcome: Outcome) -> Outcome:
                return self.commit([*writes, self.comparisons.noting(asked_at, difference)], outcome)

            return commit

        def note(stands: ProviderInvoice, commit: Commit) -> Invoice | None:
            kept = partial(take_note, zone=self.settings.zone, billed=self.billed, ledger=self.ledger)
            return kept(stands, notes=self.issuing.notes, now=now, commit=commit)

        accounts: Any = {"payouts": self.payouts, "provider": self.partner_payments, "now": now}

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
            note_refund=lambda refund, commit: self.refund_noted(refund, now, commit),
            zone=self.settings.zone,
            now=now,
            commit=self.commit,
            noting=noting,
            stopped=lambda: self.control.switch().stopped,
            top_up=lambda payment, commit: top_up_noted(payment, self, now, commit),
            accounts=lambda: look_again(self.shares_agreed.sharing_partners(), noting, **accounts),
            taxes=lambda account_id: self.tax_differences(account_id, noting, now),
            card_found=partial(card_found, billed=self.billed, zone=self.settings.zone, now=now),
        )
