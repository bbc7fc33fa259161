"""Puts the parts together: with its siblings the only place that knows all stores.

Each part is imported and made where a function first needs it, because a cold start pays for every import.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.edge.wiring_own import OwnDataWiring
from chalicelib.edge.wiring_subscriptions import SubscriptionWiring

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access.allowing import AccountLimits, Allowing
    from chalicelib.access.booking_making import Booker, Keeper
    from chalicelib.access.booking_ports import Bookings
    from chalicelib.access.case_ports import Cases
    from chalicelib.access.ending import Ending
    from chalicelib.access.entitling import Asking
    from chalicelib.access.map_ports import Map
    from chalicelib.access.metered import MeteredSubjects
    from chalicelib.access.ports import Entitlements, Sessions, Standing
    from chalicelib.access.position_ports import Positions
    from chalicelib.access.positions import Locating
    from chalicelib.access.starting import Starting
    from chalicelib.access.waiting_ports import Lines
    from chalicelib.access.wish_ports import SpentOnProducts
    from chalicelib.billing.agreement_uses import SubscriptionUses
    from chalicelib.billing.owed_ports import Charges, EvidenceFiles, SessionsOfCharges
    from chalicelib.billing.owing import Owing
    from chalicelib.billing.payment_methods import Paying
    from chalicelib.billing.ports import Used
    from chalicelib.billing.wallet_ports import AheadProvider, TopUps, Wallets
    from chalicelib.edge.granting import GrantSigner
    from chalicelib.edge.sealing import QuoteSealer
    from chalicelib.edge.wiring_agreements import BilledSubscriptions, FeesOfSubscriptions
    from chalicelib.edge.wiring_holds import HeldForStarts
    from chalicelib.kernel.writes import Commit
    from chalicelib.metering.service import Taking


class Wiring(OwnDataWiring, SubscriptionWiring):
    """A function's parts. The local run and tests give their own environment, clock and randomness."""

    @cached_property
    def limits(self) -> AccountLimits:
        """Limits that customers have set."""
        from chalicelib.access.limit_store import LimitStore

        self._use_tables()
        return LimitStore()

    @cached_property
    def sessions(self) -> Sessions:
        """Sessions and charge records."""
        from chalicelib.access.store import SessionStore

        self._use_tables()
        return SessionStore()

    @cached_property
    def lines(self) -> Lines:
        """Who waits for what."""
        from chalicelib.access.waiting_store import WaitingStore

        self._use_tables()
        return WaitingStore()

    @cached_property
    def map(self) -> Map:
        """What stands where."""
        from chalicelib.access.map_store import MapStore

        self._use_tables()
        return MapStore()

    @cached_property
    def entitlements(self) -> Entitlements:
        """What sessions let their customers have."""
        from chalicelib.access.entitlement_store import EntitlementStore

        self._use_tables()
        return EntitlementStore()

    @cached_property
    def cases(self) -> Cases:
        """What has to be seen to."""
        from chalicelib.access.case_store import CaseStore

        self._use_tables()
        return CaseStore()

    @cached_property
    def positions(self) -> Positions:
        """Roughly where sessions were."""
        from chalicelib.access.position_store import PositionStore

        self._use_tables()
        return PositionStore()

    def locating(self, now: datetime) -> Locating:
        """What positions are held against, and kept by."""
        from chalicelib.access.positions import Locating

        return Locating(self.positions, self.sessions, self.catalogue, now)

    def metered(self, now: datetime) -> MeteredSubjects:
        """What may be metered."""
        from chalicelib.access.metered import MeteredSubjects

        return MeteredSubjects(self.sessions, self.catalogue, self.heads, now)

    def taking(self, now: datetime, commit: Commit) -> Taking:
        """What takes events in."""
        from chalicelib.metering.service import Taking

        return Taking(self.settings.zone, self.heads, self.metered(now), now, commit, self.pause)

    @cached_property
    def sealer(self) -> QuoteSealer:
        """Signs quotes."""
        from chalicelib.edge.sealing import QuoteSealer

        return QuoteSealer(self.settings.quote_keys)

    @cached_property
    def inviter(self) -> QuoteSealer:
        """Signs invitations to shared sessions."""
        from chalicelib.edge.sealing import INVITATION, QuoteSealer

        return QuoteSealer(self.settings.quote_keys, INVITATION)

    @cached_property
    def grants(self) -> GrantSigner:
        """Signs what things may go by without a network."""
        from chalicelib.edge.granting import GrantSigner

        return GrantSigner(self.settings.grant_keys)

    def starting(self, now: datetime, commit: Commit) -> Starting:
        """What starts a session."""
        from chalicelib.access.starting import Starting

        parts = (self.catalogue, self.sessions, self.standing, self.random_bytes)
        return Starting(*parts, self.settings.zone, now, commit, self.allowing(now), self.held(now))

    def held(self, now: datetime) -> HeldForStarts:
        """What holds amounts for starts; it loads nothing until one of them needs that."""
        from chalicelib.edge.wiring_holds import HeldForStarts

        return HeldForStarts(self, now)

    def allowing(self, now: datetime) -> Allowing:
        """What says whether a start is allowed."""
        from chalicelib.access.allowing import Allowing
        from chalicelib.edge.wiring_accounts import BookedByAccounts, ShownAndAgreed, SpentByAccounts
        from chalicelib.edge.wiring_agreements import FaresOfSubscriptions

        personal, spending = ShownAndAgreed(self.shows, self.consents, self.members), SpentByAccounts(self)
        parts = (self.catalogue, self.sessions, lambda: self.heads, self.limits, personal, spending)
        fares = FaresOfSubscriptions(self)
        booked, wished = BookedByAccounts(self), (self.wishes, self.spent_on_products)
        return Allowing(self.settings.zone, *parts, booked, now, fares, *wished)

    @property
    def spent_on_products(self) -> SpentOnProducts:
        """What accounts have spent on one product."""
        from chalicelib.edge.wiring_accounts import SpentByAccounts

        return SpentByAccounts(self)

    def ending(self, now: datetime, commit: Commit) -> Ending:
        """What changes and ends a session."""
        from chalicelib.access.ending import Ending

        return Ending(self.settings.zone, self.catalogue, self.sessions, self.heads, now, commit)

    def asking(self, now: datetime, commit: Commit) -> Asking:
        """What answers whether a customer may."""
        from chalicelib.access.entitling import Asking

        return Asking(self.entitlements, self.catalogue, now, commit)

    @cached_property
    def bookings(self) -> Bookings:
        """Bookings and calendars."""
        from chalicelib.access.booking_store import BookingStore

        self._use_tables()
        return BookingStore()

    def booker(self, now: datetime, commit: Commit) -> Booker:
        """What books."""
        from chalicelib.access.booking_making import Booker
        from chalicelib.edge.sealing import BOOKING, QuoteSealer

        kept = (self.catalogue, self.bookings, self.sessions, self.settings.zone, now, commit, self.pause)
        sealer = QuoteSealer(self.settings.quote_keys, BOOKING)
        made = (self.map, self.standing, sealer, self.random_bytes, self.allowing(now), self.held(now))
        return Booker(*kept, *made)

    def keeper(self, now: datetime, commit: Commit) -> Keeper:
        """What keeps bookings that were made."""
        from chalicelib.access.booking_making import Keeper

        return Keeper(self.catalogue, self.bookings, self.sessions, self.settings.zone, now, commit, self.pause)

    @property
    def standing(self) -> Standing:
        """Who may start a session."""
        from chalicelib.edge.wiring_accounts import AccountStanding

        return AccountStanding(self.customers, self.agreements, self.billed)

    def paying(self, now: datetime, commit: Commit) -> Paying:
        """What changes how an account pays."""
        from chalicelib.billing.payment_methods import Paying

        return Paying(self.billed, self.payment_methods, self.settings.zone, now, commit)

    @cached_property
    def charges(self) -> Charges:
        """What partners state beside use."""
        from chalicelib.billing.owed_store import ChargeStore

        self._use_tables()
        return ChargeStore()

    @cached_property
    def evidence_files(self) -> EvidenceFiles:
        """What shows charges."""
        from chalicelib.billing.evidence_store import EvidenceBucket

        endpoint = self.settings.environment.get("OBJECTS_ENDPOINT")
        return EvidenceBucket(self.settings.required("EVIDENCE_BUCKET"), endpoint)

    @property
    def charged_sessions(self) -> SessionsOfCharges:
        """For what charges are stated."""
        from chalicelib.edge.wiring_charges import ChargedSessions

        return ChargedSessions(self.sessions, self.catalogue)

    def owing(self, now: datetime, commit: Commit) -> Owing:
        """What changes charges."""
        from chalicelib.billing.owing import Owing
        from chalicelib.edge.wiring_charges import charge_policy

        return Owing(self.settings.zone, charge_policy(self.settings), self.charges, now, commit)

    @cached_property
    def wallets(self) -> Wallets:
        """What pays bills ahead."""
        from chalicelib.billing.wallet_store import WalletStore

        self._use_tables()
        return WalletStore()

    @cached_property
    def top_ups(self) -> TopUps:
        """Top-ups and gifts."""
        from chalicelib.billing.wallet_store import TopUpStore

        self._use_tables()
        return TopUpStore()

    @cached_property
    def ahead(self) -> AheadProvider:
        """Stripe for top-ups, with this door's key."""
        from chalicelib.billing.stripe_ahead import StripeAhead

        return StripeAhead(self._stripe_calls)

    @property
    def used(self) -> Used:
        """What accounts are billed from."""
        from chalicelib.edge.wiring_accounts import UsedByAccounts

        kept = (self.catalogue, self.sessions, self.heads, self.billed, self.settings, self.charges)
        return UsedByAccounts(*kept, self.subscribed)

    @property
    def subscribed(self) -> SubscriptionUses:
        """What subscriptions cost."""
        from chalicelib.billing.agreement_uses import SubscriptionUses
        from chalicelib.edge.wiring_agreements import NeededBySessions

        needs = NeededBySessions(self.sessions, lambda: self.heads, self.settings.zone)
        return SubscriptionUses(self.plans, self.lives, needs, self.settings.zone)

    @property
    def fees(self) -> FeesOfSubscriptions:
        """What subscriptions cost, for who decides about them."""
        from chalicelib.edge.wiring_agreements import FeesOfSubscriptions

        return FeesOfSubscriptions(self.plans, self.subscribed, self.settings.zone, self.settings.currency)

    @property
    def beside_subscriptions(self) -> BilledSubscriptions:
        """What has subscriptions billed."""
        from chalicelib.edge.wiring_agreements import BilledSubscriptions

        return BilledSubscriptions(self.sessions, self.settings.zone)
