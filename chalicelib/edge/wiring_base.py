"""What every function's parts are put together from: settings, tables, clients, and the stores of most areas.

Each part is imported and made where a function first needs it, because a cold start pays for every import.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from chalicelib.edge.settings import Settings

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.billing.credit_ports import Issuing
    from chalicelib.billing.hold_ports import HoldProvider, Holds
    from chalicelib.billing.method_ports import PaymentMethods
    from chalicelib.billing.payout_ports import PartnerPayments, Payouts
    from chalicelib.billing.ports import Billed, Collector
    from chalicelib.billing.selling import Sells
    from chalicelib.billing.share_ports import Shared, ShareRows
    from chalicelib.billing.stripe_calls import StripeCalls
    from chalicelib.catalogue.ports import Catalogue
    from chalicelib.customers.ports import Consents, Customers, Invitations, Members, Shows, Verifier
    from chalicelib.dialogue.ports import Notices
    from chalicelib.edge.idempotency import Answer, RequestKey
    from chalicelib.edge.oidc import TokenVerifier
    from chalicelib.kernel.ids import RandomBytes
    from chalicelib.kernel.reads import Fetch
    from chalicelib.kernel.writes import Commit, Together, Write
    from chalicelib.ledger.ports import Ledger
    from chalicelib.metering.client import Client
    from chalicelib.metering.ports import Heads
    from chalicelib.partners.ports import Partners
    from chalicelib.partners.service import KeyMaker
    from chalicelib.partners.share_ports import SharesAgreed
    from chalicelib.subscriptions.ports import Agreements


class Capacity(Protocol):
    """What a request has used."""

    units: float


_FIRST_PAUSE = 0.02


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Foundation:
    """The stores of all areas but access, and what serves all of them."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = _utc_now,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        self.settings = Settings(os.environ if environment is None else environment)
        self.now = now
        self.random_bytes = random_bytes

    @cached_property
    def commit(self) -> Commit:
        """Commits writes; the first use says which tables are meant."""
        from chalicelib.storage.writes import Transaction

        self._use_tables()
        return Transaction()

    @cached_property
    def fetch(self) -> Fetch:
        """Reads what two areas want together."""
        from chalicelib.storage.reads import fetch

        self._use_tables()
        return fetch

    @property
    def together(self) -> Together:
        """Has fewer writes say what several acts do."""
        from chalicelib.storage.together import together

        return together

    def _use_tables(self) -> None:
        from chalicelib.storage.record import Database

        Database.use(self.settings.table_prefix, self.settings.restored_tables)
        if self.settings.lean_client:
            from chalicelib.edge.carrying import Carrying

            Database.carried_by(Carrying(self._lean_client))

    @cached_property
    def tokens(self) -> TokenVerifier:
        """Verifies access tokens of this door's user pool."""
        from chalicelib.edge.jwks import KeySet
        from chalicelib.edge.oidc import TokenVerifier

        setting = self.settings.required
        keys = KeySet(setting("OIDC_JWKS_URL"), wall_clock=time.time)
        return TokenVerifier(setting("OIDC_ISSUER"), setting("OIDC_CLIENT_ID"), keys, wall_clock=time.time)

    @contextmanager
    def counted(self) -> Iterator[Capacity]:
        """Counts the capacity that a request uses, and has it wait no longer than a door may."""
        from chalicelib.storage.capacity import counted
        from chalicelib.storage.deadline import MOST_SECONDS, within

        with within(MOST_SECONDS), counted() as used:
            yield used

    def find_answer(self, key: RequestKey) -> Answer | None:
        """The answer saved under an idempotency key."""
        from chalicelib.edge.answers import find_answer

        self._use_tables()
        return find_answer(key)

    def saving_answer(self, key: RequestKey, answer: Answer, expires: datetime) -> Write:
        """Saves an answer under its idempotency key."""
        from chalicelib.edge.answers import saving_answer

        return saving_answer(key, answer, expires)

    @cached_property
    def partners(self) -> Partners:
        """Partners and their keys."""
        from chalicelib.partners.store import PartnerStore

        self._use_tables()
        return PartnerStore()

    @property
    def key_maker(self) -> KeyMaker:
        """How API keys are made here."""
        from chalicelib.partners.service import KeyMaker

        return KeyMaker(self.settings.mode, self.settings.pepper, self.random_bytes)

    @cached_property
    def customers(self) -> Customers:
        """Customers and their accounts."""
        from chalicelib.customers.store import CustomerStore

        self._use_tables()
        return CustomerStore()

    @cached_property
    def members(self) -> Members:
        """Who is in whose account."""
        from chalicelib.customers.member_store import MemberStore

        self._use_tables()
        return MemberStore()

    @cached_property
    def invitations(self) -> Invitations:
        """Invitations to accounts."""
        from chalicelib.customers.member_store import InvitationStore

        self._use_tables()
        return InvitationStore()

    @cached_property
    def shows(self) -> Shows:
        """What customers have shown."""
        from chalicelib.customers.store import ShownStore

        self._use_tables()
        return ShownStore()

    @cached_property
    def verifier(self) -> Verifier:
        """Who tells what customers' proofs show."""
        from chalicelib.customers.errors import VerifierUnavailable
        from chalicelib.edge.verifying import HttpVerifier

        if not self.settings.verifier_url:
            raise VerifierUnavailable
        return HttpVerifier(self.settings.verifier_url, self.settings.verifier_key)

    @cached_property
    def consents(self) -> Consents:
        """What customers have agreed to."""
        from chalicelib.customers.store import ConsentStore

        self._use_tables()
        return ConsentStore()

    @cached_property
    def agreements(self) -> Agreements:
        """Agreements."""
        from chalicelib.subscriptions.store import AgreementStore

        self._use_tables()
        return AgreementStore()

    @cached_property
    def catalogue(self) -> Catalogue:
        """What partners offer."""
        from chalicelib.catalogue.store import CatalogueStore

        self._use_tables()
        return CatalogueStore(self.settings.zone)

    @cached_property
    def heads(self) -> Heads:
        """What was reported."""
        from chalicelib.metering.store import HeadStore, PynamoItems

        self._use_tables()
        if self.settings.lean_client:
            from chalicelib.metering.lean_items import LeanItems

            return HeadStore(LeanItems(self._lean_client, self.settings.table("metering")))
        return HeadStore(PynamoItems(self.pause))

    @cached_property
    def _lean_client(self) -> Client:
        """The client of our own."""
        from chalicelib.edge.carrying import client_of

        return client_of(
            self.settings.required("AWS_REGION"), self.settings.environment.get("AWS_ENDPOINT_URL_DYNAMODB")
        )

    @property
    def pause(self) -> Callable[[int], None]:
        """Waits between tries of writers who were in one another's way: full jitter, doubling."""
        return lambda attempt: time.sleep(_FIRST_PAUSE * 2**attempt * (self.random_bytes(1)[0] / 255))

    @cached_property
    def billed(self) -> Billed:
        """Payers, settlements, invoices."""
        from chalicelib.billing.store import BillingStore

        self._use_tables()
        return BillingStore()

    @cached_property
    def share_rows(self) -> ShareRows:
        """Tax rates and partners' rows."""
        from chalicelib.billing.share_store import ShareStore

        self._use_tables()
        return ShareStore()

    @cached_property
    def payouts(self) -> Payouts:
        """Partners' accounts, what waits for them, movements."""
        from chalicelib.billing.payout_store import PayoutStore

        self._use_tables()
        return PayoutStore()

    @cached_property
    def issuing(self) -> Issuing:
        """Credit notes, and the numbers of documents."""
        from chalicelib.billing.credit_ports import Issuing
        from chalicelib.billing.credit_store import CreditStore
        from chalicelib.billing.paper_store import PaperStore

        self._use_tables()
        return Issuing(CreditStore(), PaperStore(), sells=self.sells)

    @cached_property
    def sells(self) -> Sells:
        """Who sells what."""
        from chalicelib.billing.selling_store import SellingStore

        self._use_tables()
        return SellingStore()

    @cached_property
    def partner_payments(self) -> PartnerPayments:
        """Stripe for partners, with this door's key."""
        from chalicelib.billing.stripe_partners import StripePartners

        return StripePartners(self._stripe_calls)

    @property
    def shared(self) -> Shared:
        """By what bills are split."""
        from chalicelib.edge.wiring_shares import SharedWithPartners

        return SharedWithPartners(self.share_rows, self.shares_agreed)

    @cached_property
    def shares_agreed(self) -> SharesAgreed:
        """Rules of partners' shares."""
        from chalicelib.partners.share_store import ShareTermsStore

        self._use_tables()
        return ShareTermsStore()

    @cached_property
    def ledger(self) -> Ledger:
        """The journal."""
        from chalicelib.ledger.store import LedgerStore

        self._use_tables()
        return LedgerStore()

    @cached_property
    def notices(self) -> Notices:
        """What customers are told."""
        from chalicelib.dialogue.store import NoticeStore

        self._use_tables()
        return NoticeStore()

    @cached_property
    def collector(self) -> Collector:
        """Stripe, with this door's key."""
        from chalicelib.billing.stripe_gateway import StripeGateway

        return StripeGateway(self._stripe_calls)

    @cached_property
    def payment_methods(self) -> PaymentMethods:
        """Saved cards and wallets at Stripe, with this door's key."""
        from chalicelib.billing.stripe_methods import StripeMethods

        return StripeMethods(self._stripe_calls)

    @cached_property
    def holds(self) -> Holds:
        """What is held."""
        from chalicelib.billing.hold_store import HoldStore

        self._use_tables()
        return HoldStore()

    @cached_property
    def hold_provider(self) -> HoldProvider:
        """Holds at Stripe, with this door's key."""
        from chalicelib.billing.stripe_holds import StripeHolds

        return StripeHolds(self._stripe_calls)

    @cached_property
    def _stripe_calls(self) -> StripeCalls:
        from chalicelib.billing.stripe_calls import StripeCalls

        return StripeCalls(self.settings.stripe_key, self.settings.environment.get("STRIPE_API_BASE"))
