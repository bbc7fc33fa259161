"""Proofs of partners' shares: the rule and what each bill came to, so that anyone can compute the share again.

Bills stand there by the digests of their own proofs; whose they are is not told.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple, cast

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.ids import digest
from chalicelib.rating.errors import InvalidProof
from chalicelib.rating.figures import ByProduct, together
from chalicelib.rating.lines import NO_FACTS
from chalicelib.rating.proof import GENESIS, Finding
from chalicelib.rating.share import ShareRule, share, total_of
from chalicelib.rating.share_document import (
    figures_document,
    figures_from_document,
    rule_document,
    rule_from_document,
    share_line_document,
)

FORMAT = 1
KIND = "share"


class Bill(NamedTuple):
    """What one bill came to at the partner's products, and the digest of its proof."""

    proof: str
    figures: ByProduct


def prove_share(
    rule: ShareRule, bills: Sequence[Bill], *, previous: str = GENESIS, about: Mapping[str, str] = NO_FACTS
) -> dict[str, object]:
    """Write down the rule, the bills in order of their digests, and the share that comes of them."""
    body: dict[str, object] = {
        "format": FORMAT,
        "kind": KIND,
        "about": dict(about),
        "previous": previous,
        "rule": rule_document(rule),
        "bills": [_bill_document(bill) for bill in sorted(bills, key=lambda bill: bill.proof)],
        **_results(rule, bills),
    }
    return {**body, "digest": digest(body)}


def _bill_document(bill: Bill) -> dict[str, object]:
    return {
        "proof": bill.proof,
        "figures": {product: figures_document(each) for product, each in sorted(bill.figures.items())},
    }


def _results(rule: ShareRule, bills: Sequence[Bill]) -> dict[str, object]:
    lines = share(rule, together(bill.figures for bill in bills))
    return {"lines": [share_line_document(line) for line in lines], "totals": {rule.currency: total_of(lines)}}


def verify_share(proof: Mapping[str, object]) -> list[Finding]:
    """Compute the share again from the proof alone: an empty list says that every byte agrees."""
    body = {name: value for name, value in proof.items() if name != "digest"}
    again = _recomputed(body)
    findings = [] if proof.get("digest") == digest(body) else [Finding("/digest", proof.get("digest"), digest(body))]
    if body.get("totals") != again["totals"]:
        findings.append(Finding("/totals", body.get("totals"), again["totals"]))
    lines = zip_longest(cast("list[object]", body.get("lines")), cast("list[object]", again["lines"]))
    findings += [Finding(f"/lines/{at}", stated, found) for at, (stated, found) in enumerate(lines) if stated != found]
    return findings


def _recomputed(body: Mapping[str, Any]) -> dict[str, object]:
    if (body.get("format"), body.get("kind")) != (FORMAT, KIND) or not isinstance(body.get("lines"), list):
        raise InvalidProof(reason="unknown format", format=str(body.get("format"))[:20])
    try:
        bills = [
            Bill(bill["proof"], {product: figures_from_document(each) for product, each in bill["figures"].items()})
            for bill in body["bills"]
        ]
        return _results(rule_from_document(body["rule"]), bills)
    except (Refusal, AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidProof(reason=f"{type(error).__name__}: {error}"[:300]) from error
