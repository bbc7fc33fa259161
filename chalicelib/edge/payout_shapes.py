"""How partners' accounts and movements of money are read and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant

if TYPE_CHECKING:
    from chalicelib.billing.onboarding import Onboarded
    from chalicelib.billing.payout_model import Movement, OnboardingLink, PayoutAccount

Address = Annotated[str, msgspec.Meta(pattern=r"^https://[^\s]{1,1900}$", examples=["https://example.com/done"])]


class PayoutBody(msgspec.Struct, forbid_unknown_fields=True):
    """Where I am sent on to: when I am done, and when the link has been used up and I need another."""

    return_url: Address
    refresh_url: Address


class LinkShown(msgspec.Struct):
    """Where I answer Stripe's questions: one visit, until it expires."""

    url: str
    expires_at: str


class PayoutShown(msgspec.Struct):
    """My account at Stripe: `ready` when my share can be sent to it; `due` names what Stripe asks yet."""

    state: str
    account: str
    due: list[str]
    opened_at: str
    link: LinkShown | None


class MovementShown(msgspec.Struct):
    """Money sent to me (`transfer`) or taken back (`reversal`), and of what: what I had too much came off it."""

    kind: str
    amount: Amount
    done_at: str | None
    stripe_id: str | None
    of: dict[str, Amount]


def show_account(account: PayoutAccount, link: OnboardingLink | None = None) -> PayoutShown:
    """The account, and where to go on."""
    checked = account.submitted and not account.due
    state = "ready" if account.ready else "being_checked" if checked else "to_be_completed"
    shown = LinkShown(link.url, show_instant(link.expires_at)) if link is not None else None
    return PayoutShown(state, account.provider_account, list(account.due), show_instant(account.opened_at), shown)


def show_onboarded(found: Onboarded) -> PayoutShown:
    """The same, of both."""
    return show_account(*found)


def show_again(found: Onboarded) -> PayoutShown:
    """What a repeat gets: a link is good for one visit, so it is not kept."""
    return show_account(found[0])


def show_movement(movement: Movement) -> MovementShown:
    """A movement with what it settled."""
    return MovementShown(
        kind=str(movement.kind),
        amount=show_amount(movement.amount),
        done_at=show_instant(movement.done_at) if movement.done_at else None,
        stripe_id=movement.provider_id,
        of={_named(due.due_id): show_amount(due.amount) for due in movement.dues},
    )


def _named(due_id: str) -> str:
    """What an amount is of, without the account that paid: a part of an invoice says its month and number alone."""
    kind, _, name = due_id.partition(":")
    if kind not in {"invoice", "refund"}:
        return due_id
    return f"{kind}:{name.partition(':')[2]}"
