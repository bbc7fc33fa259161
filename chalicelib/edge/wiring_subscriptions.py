"""The parts of plans and subscriptions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.edge.wiring_base import Foundation

if TYPE_CHECKING:  # as in wiring
    from chalicelib.subscriptions.law_store import AnnouncementStore, WithdrawalStore
    from chalicelib.subscriptions.life_store import LifeStore
    from chalicelib.subscriptions.plan_store import PlanStore


class SubscriptionWiring(Foundation):
    """What is known of plans and subscriptions."""

    @cached_property
    def plans(self) -> PlanStore:
        """Plans and terms."""
        from chalicelib.subscriptions.plan_store import PlanStore

        self._use_tables()
        return PlanStore()

    @cached_property
    def lives(self) -> LifeStore:
        """Subscriptions."""
        from chalicelib.subscriptions.life_store import LifeStore

        self._use_tables()
        return LifeStore()

    @cached_property
    def withdrawals(self) -> WithdrawalStore:
        """Withdrawals."""
        from chalicelib.subscriptions.law_store import WithdrawalStore

        self._use_tables()
        return WithdrawalStore()

    @cached_property
    def announcements(self) -> AnnouncementStore:
        """What was announced, and who was told."""
        from chalicelib.subscriptions.law_store import AnnouncementStore

        self._use_tables()
        return AnnouncementStore()
