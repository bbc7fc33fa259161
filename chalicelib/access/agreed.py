"""What a quote promises beside its price, and a start is bound to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was promised with a quote and is accepted with the start; the session keeps it.

    `requires` is what the customer has to have shown, `consents` which purposes they have to agree to, each with its
    version, `terms` the version of the product's terms, `hold` what is held. `turn` is where the account's limits stood
    when its budgets were looked at: `over` names the hard budget that would be passed, `warns` the soft ones, and
    `bound` is what the session may come to before it ends by itself, by the limits that were set last. `policy` is what
    need goes by, as a document: the session keeps it as its own. `confirm` is that the start has to be confirmed,
    `stop_after` after how many seconds the session ends if nothing else is said: both are the customer's own wishes.
    `member_of` is the account in which the customer is a member, where it is another's, and `member_turn` where their
    own limit in it stood; None: they had none. `member_fare` is the subscription by whose fare it is quoted, as
    `MemberFare.row` has it.
    """

    estimate: Money | None = None
    worst_case: Money | None = None
    hold: Money | None = None
    terms: str | None = None
    requires: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    turn: int = 0
    over: str | None = None
    warns: tuple[str, ...] = ()
    bound: Money | None = None
    policy: Mapping[str, Any] | None = None
    confirm: bool = False
    stop_after: int | None = None
    member_of: str | None = None
    member_turn: int | None = None
    member_fare: tuple[Any, ...] | None = None

    def document(self) -> dict[str, object]:
        """As JSON-ready values."""
        amounts = {name: getattr(self, name) for name in _AMOUNTS}
        return {
            **{name: [each.minor, each.currency] for name, each in amounts.items() if each is not None},
            "terms": self.terms,
            "requires": list(self.requires),
            "consents": list(self.consents),
            "turn": self.turn,
            "over": self.over,
            "warns": list(self.warns),
            **({"policy": dict(self.policy)} if self.policy is not None else {}),
            **({"confirm": True} if self.confirm else {}),
            **({"stop_after": self.stop_after} if self.stop_after is not None else {}),
            **({"member_of": self.member_of} if self.member_of is not None else {}),
            **({"member_turn": self.member_turn} if self.member_turn is not None else {}),
            **({"member_fare": list(self.member_fare)} if self.member_fare is not None else {}),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Agreed":
        """What a document says; without one of its members it is none (`KeyError`)."""
        amounts = {name: Money(*document[name]) for name in _AMOUNTS if name in document}
        return cls(
            terms=document["terms"],
            requires=tuple(document["requires"]),
            consents=tuple(document["consents"]),
            turn=int(document["turn"]),
            over=document["over"],
            warns=tuple(document["warns"]),
            policy=document.get("policy"),
            confirm=bool(document.get("confirm")),
            stop_after=document.get("stop_after"),
            member_of=document.get("member_of"),
            member_turn=None if document.get("member_turn") is None else int(document["member_turn"]),
            member_fare=tuple(document["member_fare"]) if document.get("member_fare") else None,
            **amounts,
        )


_AMOUNTS = ("estimate", "worst_case", "hold", "bound")
NOTHING_ASKED = Agreed()
