"""The parts of customers' own data: its file, who has read it, and its erasure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.edge.wiring_base import Foundation

if TYPE_CHECKING:  # as in wiring
    from chalicelib.access.wish_ports import AccountWishes
    from chalicelib.billing.method_ports import LeavingProvider
    from chalicelib.customers.own_ports import Accesses, DataFiles, Erasures, Languages, OwnFiles
    from chalicelib.storage.partitions import Partitions
    from chalicelib.subscriptions.forgetting_store import ForgettingStore


class OwnDataWiring(Foundation):
    """What shows customers what is held about them, and forgets it."""

    @cached_property
    def accesses(self) -> Accesses:
        """Who has read what."""
        from chalicelib.customers.own_store import AccessStore

        self._use_tables()
        return AccessStore()

    @cached_property
    def data_files(self) -> DataFiles:
        """Which files were asked for."""
        from chalicelib.customers.own_store import DataFileStore

        self._use_tables()
        return DataFileStore()

    @cached_property
    def erasures(self) -> Erasures:
        """Who leaves."""
        from chalicelib.customers.own_store import ErasureStore

        self._use_tables()
        return ErasureStore()

    @cached_property
    def speaking(self) -> Languages:
        """Which language customers read."""
        from chalicelib.customers.own_store import LanguageStore

        self._use_tables()
        return LanguageStore()

    @cached_property
    def wishes(self) -> AccountWishes:
        """What customers wish of what is started in their name."""
        from chalicelib.access.wish_store import WishStore

        self._use_tables()
        return WishStore()

    @cached_property
    def own_files(self) -> OwnFiles:
        """Where the files are."""
        from chalicelib.customers.own_files import OwnFiles

        endpoint = self.settings.environment.get("OBJECTS_ENDPOINT")
        return OwnFiles(self.settings.required("OWN_DATA_BUCKET"), endpoint)

    @cached_property
    def partitions(self) -> Partitions:
        """Items of any kind."""
        from chalicelib.storage.partitions import Partitions

        self._use_tables()
        return Partitions()

    @cached_property
    def forgetting_agreements(self) -> ForgettingStore:
        """Whose agreements were."""
        from chalicelib.subscriptions.forgetting_store import ForgettingStore

        self._use_tables()
        return ForgettingStore()

    @cached_property
    def leaving_provider(self) -> LeavingProvider:
        """Stripe for who leaves, with this door's key."""
        from chalicelib.billing.stripe_leaving import StripeLeaving

        return StripeLeaving(self._stripe_calls)
