"""Partners' payouts in memory, and a provider that loses answers, refuses and remembers keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.billing.errors import CannotReceive, CollectorUnavailable, DueKnown, MovementRefused, PayingChanged
from chalicelib.billing.payout_model import (
    AccountStands,
    Due,
    Movement,
    MovementKind,
    MovementState,
    OnboardingLink,
    Paying,
    PayoutAccount,
)
from chalicelib.kernel.time import Month
from tests.unit.memory import InMemory, write

NOW = datetime(2021, 12, 1, tzinfo=UTC)


class PayoutsInMemory:
    """Satisfies `billing.payout_ports.Payouts`."""

    def __init__(self) -> None:
        self.accounts: dict[str, PayoutAccount] = {}
        self.waiting: dict[tuple[str, str], Due] = {}
        self.known: set[tuple[str, str]] = set()
        self.heads: dict[str, Paying] = {}
        self.all: dict[tuple[str, int], Movement] = {}
        self.sent: dict[tuple[str, str], int] = {}
        self.said: list[str] = []

    def account(self, partner_id: str) -> PayoutAccount | None:
        return self.accounts.get(partner_id)

    def saving_account(self, account: PayoutAccount) -> InMemory:
        return write(PayingChanged(), lambda: self.accounts.update({account.partner_id: account}))

    def dues(self, partner_id: str, *, limit: int | None) -> list[Due]:
        found = [due for (owner, _), due in self.waiting.items() if owner == partner_id]
        return sorted(found, key=lambda due: (due.since, due.due_id))[:limit]

    def adding_due(self, due: Due) -> list[InMemory]:
        key = (due.partner_id, due.due_id)
        return [
            write(DueKnown(), lambda: self.known.add(key), holds=lambda: key not in self.known),
            write(DueKnown(), lambda: self.waiting.update({key: due})),
        ]

    def putting_back(self, due: Due) -> InMemory:
        key = (due.partner_id, due.due_id)
        return write(PayingChanged(), lambda: self._put_back(key, due))

    def _put_back(self, key: tuple[str, str], due: Due) -> None:
        before = self.waiting.get(key)
        assert before is None or before.taken_from is not None, f"{key} waits already, and is not what it replaces"
        self.waiting[key] = due

    def taking(self, due: Due) -> InMemory:
        key = (due.partner_id, due.due_id)
        return write(PayingChanged(), lambda: self.waiting.pop(key), holds=lambda: key in self.waiting)

    def paying(self, partner_id: str) -> Paying:
        return self.heads.get(partner_id, Paying(partner_id))

    def saving_paying(self, paying: Paying) -> InMemory:
        return write(
            PayingChanged(),
            lambda: self.heads.update({paying.partner_id: paying}),
            holds=lambda: self.paying(paying.partner_id).version == paying.version - 1,
        )

    def movement(self, partner_id: str, number: int) -> Movement | None:
        return self.all.get((partner_id, number))

    def moved(self, partner_id: str, _month: Month) -> list[Movement]:
        return [each for (owner, _), each in sorted(self.all.items()) if owner == partner_id and each.provider_id]

    def saving_movement(self, movement: Movement) -> InMemory:
        return write(PayingChanged(), lambda: self.all.update({(movement.partner_id, movement.number): movement}))

    def transfer_of(self, partner_id: str, due_id: str) -> int | None:
        return self.sent.get((partner_id, due_id))

    def sending(self, movement: Movement, _zone: str) -> list[InMemory]:
        sent = [due for due in movement.dues if movement.kind is MovementKind.TRANSFER and due.amount.minor > 0]
        found = {(due.partner_id, due.due_id): movement.number for due in sent}
        return [write(PayingChanged(), lambda: self.sent.update(found))]

    def pay_out(self, partner_id: str, about: str, _now: datetime) -> InMemory:
        return write(PayingChanged(), lambda: self.said.append(f"pay {partner_id} {about}"))

    def owed(self, partner_id: str) -> int:
        """What waits and what is on its way."""
        waits = sum(due.amount.minor for (owner, _), due in self.waiting.items() if owner == partner_id)
        planned = (each for (owner, _), each in self.all.items() if owner == partner_id)
        sign = {MovementKind.TRANSFER: 1, MovementKind.REVERSAL: -1}
        on_its_way = (each for each in planned if each.state is MovementState.PLANNED)
        return waits + sum(sign[each.kind] * each.amount.minor for each in on_its_way)


@dataclass
class Bank:
    """Satisfies `billing.payout_ports.PartnerPayments`: what each account holds, and what each call under a key did."""

    holds: dict[str, int] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str | None] = field(default_factory=dict)
    trouble: Callable[[], str] = lambda: ""
    links: int = 0
    looked: list[bool] = field(default_factory=list)
    content: bool = True

    def open_account(self, partner_id: str) -> str:
        return f"acct-{partner_id}"

    def onboarding(self, provider_account: str, *, key: str, refresh_url: str, return_url: str) -> OnboardingLink:
        assert refresh_url
        assert return_url
        self.links += 1
        return OnboardingLink(f"https://connect.example/{provider_account}/{key}", NOW)

    def stands(self, provider_account: str) -> AccountStands:
        return AccountStands(provider_account.removeprefix("acct-"), ready=self.content, submitted=self.content, due=())

    def charge_of(self, provider_invoice: str, hold: str | None = None) -> str | None:
        return f"ch-{hold or provider_invoice}"

    def transfer(self, movement: Movement, destination: str, charge: str | None, *, look: bool = False) -> str:
        self.looked.append(look)
        return self._once(movement, destination, movement.amount.minor, charge)

    def reverse(self, movement: Movement, provider_transfer: str, *, look: bool = False) -> str:
        self.looked.append(look)
        destination = self.done[provider_transfer]
        if f"tr-{movement.movement_id}" not in self.done and self.holds[destination] < movement.amount.minor:
            raise MovementRefused(reason="balance_insufficient")
        return self._once(movement, destination, -movement.amount.minor, None)

    def _once(self, movement: Movement, destination: str, minor: int, charge: str | None) -> str:
        name, trouble = f"tr-{movement.movement_id}", self.trouble()
        refused = name not in self.done and (trouble == "refused" or (trouble == "of this payment" and charge))
        if refused:
            raise MovementRefused(reason="no")
        if trouble == "cannot receive" and name not in self.done:
            raise CannotReceive(reason="insufficient_capabilities_for_transfer")
        if trouble == "lost":
            raise CollectorUnavailable
        if name not in self.done:
            self.done[name] = destination
            self.sources[name] = charge
            self.holds[destination] = self.holds.get(destination, 0) + minor
        if trouble == "answer lost":
            raise CollectorUnavailable
        return name
