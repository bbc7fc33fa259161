"""What the double knows: objects by kind and id, counters for ids, the clock, and the events of each change."""

import hashlib
import zlib
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from infra.local.stripe_double.cards import Card
from infra.local.stripe_double.errors import no_such
from infra.local.stripe_double.webhooks import Outbox

Fields = dict[str, Any]
"""A Stripe object, or a part of one, as the JSON that it is sent as."""
LINES_SHOWN = 10
_INNER = frozenset({"of_calculation", "split"})
"""What the double keeps in an object of Stripe Tax, and does not show."""
NOBODY: Fields = {"id": None, "idempotency_key": None}
"""The request behind an event that no request caused."""


@dataclass
class Store:
    """All state, in memory. Callers hold the double's one lock.

    `invoice_of` and `attached_to` lead from an intent to its invoice: the one made at finalisation, and those attached
    later. `holds` says until when each held intent may be captured, `released` how much of a charge was never taken;
    `pending` names the movements that are not available yet. `ip_addresses` are those of customers, `tax_codes` those
    of lines whose price includes tax, `stated_taxes` those of lines that came with them, `tax_rates` the ids of rates,
    `tax_lines` the lines of calculations and of what was recorded of them.
    """

    now: Callable[[], datetime]
    secret: str
    outbox: Outbox
    pages: str = "https://invoice.stripe.com"
    kinds: dict[str, dict[str, Fields]] = field(default_factory=dict)
    counters: Counter[str] = field(default_factory=Counter)
    cards: dict[str, Card] = field(default_factory=dict)
    lines: dict[str, list[Fields]] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    payments: dict[str, list[Fields]] = field(default_factory=dict)
    invoice_of: dict[str, str] = field(default_factory=dict)
    attached_to: dict[str, str] = field(default_factory=dict)
    holds: dict[str, int] = field(default_factory=dict)
    released: dict[str, int] = field(default_factory=dict)
    pending: deque[str] = field(default_factory=deque)
    ip_addresses: dict[str, str] = field(default_factory=dict)
    tax_codes: dict[str, str] = field(default_factory=dict)
    tax_rates: dict[str, str] = field(default_factory=dict)
    stated_taxes: dict[str, list[Fields]] = field(default_factory=dict)
    tax_lines: dict[str, list[Fields]] = field(default_factory=dict)
    kind_of: dict[str, str] = field(default_factory=dict)
    request: Fields = field(default_factory=lambda: dict(NOBODY))

    def timestamp(self) -> int:
        """The passed-in clock in whole seconds, as Stripe writes times."""
        return int(self.now().timestamp())

    def next_id(self, prefix: str) -> str:
        """`cus_000001`, `cus_000002`, ...: the same in every run."""
        self.counters[prefix] += 1
        return f"{prefix}_{self.counters[prefix]:06d}"

    def client_secret(self, object_id: str) -> str:
        """What lets a browser act on this one object: the same in every run, unknown without the secret key."""
        mark = hashlib.sha256(f"{self.secret} {object_id}".encode()).hexdigest()[:24]
        return f"{object_id}_secret_{mark}"

    def add(self, prefix: str, kind: str, fields: Fields) -> Fields:
        """Keep a new object under an id of its own."""
        head = {"id": self.next_id(prefix), "object": kind, "created": self.timestamp(), "livemode": False}
        made = {**head, **fields}
        self.kinds.setdefault(kind, {})[made["id"]] = made
        self.kind_of[prefix] = kind
        return made

    def every(self, kind: str) -> list[Fields]:
        """All objects of a kind, oldest first."""
        return list(self.kinds.get(kind, {}).values())

    def get(self, kind: str, object_id: str, param: str = "id") -> Fields:
        """The object itself, not a copy."""
        found = self.kinds.get(kind, {}).get(object_id)
        if found is None:
            raise no_such(kind, object_id, param)
        return found

    def by_id(self, object_id: str) -> Fields | None:
        """The object of whichever kind that has this id."""
        kind = self.kind_of.get(object_id.rpartition("_")[0], "")
        return self.kinds.get(kind, {}).get(object_id)

    def shown(self, fields: Fields) -> Fields:
        """The object as answers and events show it: an invoice carries its first ten lines, an event all."""
        if fields["object"] == "event":
            return dict(msgspec.json.decode(zlib.decompress(self.bodies[fields["id"]])))
        if fields["object"].startswith("tax."):
            return {name: value for name, value in fields.items() if name not in _INNER}
        if fields["object"] != "invoice" or "deleted" in fields:
            return fields
        lines, url = self.lines[fields["id"]], f"/v1/invoices/{fields['id']}/lines"
        first, has_more = lines[:LINES_SHOWN], len(lines) > LINES_SHOWN
        return {**fields, "lines": {"object": "list", "data": first, "has_more": has_more, "url": url}}

    def emit(self, kind: str, changed: Fields, account: str | None = None) -> None:
        """Record an event with the object as it is now, and queue it where the webhook endpoint listens to it.

        `account` is the connected account whose event it is.
        """
        listens = self.outbox.listens_to(kind)
        fields = {
            "api_version": self.outbox.api_version,
            "data": {"object": self.shown(changed)},
            "pending_webhooks": int(listens),
            **({"account": account} if account else {}),
        }
        made = self.add("evt", "event", {**fields, "request": self.request, "type": kind})
        body = msgspec.json.encode(made)
        self.kinds["event"][made["id"]] = {name: made[name] for name in ("id", "object", "created", "type")}
        self.bodies[made["id"]] = zlib.compress(body, 1)
        if listens:
            self.outbox.add(made["id"], body)


def merged_metadata(old: Fields, given: Fields | str) -> Fields:
    """Metadata after an update: given keys replace, an empty value removes one key, an empty string removes all."""
    if isinstance(given, str):
        return {}
    return {key: value for key, value in (old | given).items() if value != ""}
