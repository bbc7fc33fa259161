"""Proofs: all that a bill was computed from, with digests, so that anyone can compute it again from the proof alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import cast

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.ids import digest
from chalicelib.rating.account import ACCOUNT_STEPS, NO_TERMS, AccountTerms, rate_account
from chalicelib.rating.account_document import terms_document, terms_from_document
from chalicelib.rating.document import tariff_document, tariff_from_document
from chalicelib.rating.errors import InvalidProof
from chalicelib.rating.lines import NO_FACTS, RatedLine, line_document
from chalicelib.rating.model import Tariff, Use
from chalicelib.rating.use_document import TariffKey, use_document, use_from_document

FORMAT = 1
_EARLIER_STEPS = [step for step in ACCOUNT_STEPS if step != "fault_credit"]
"""Of proofs from before there were credits for faults, which say of no use that it has one."""
GENESIS = "0" * 64
"""The digest before the first: an account's first statement follows nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a proof and what is computed from it differ."""

    pointer: str
    stated: object
    found: object


def prove(
    uses: Sequence[Use],
    terms: AccountTerms = NO_TERMS,
    *,
    time_zone_data: str,
    previous: str = GENESIS,
    about: Mapping[str, str] = NO_FACTS,
) -> dict[str, object]:
    """Rate the account and write down everything that went in and came out."""
    lines = rate_account(uses, terms).lines
    return proof_of(uses, terms, lines, time_zone_data=time_zone_data, previous=previous, about=about)


def proof_of(
    uses: Sequence[Use],
    terms: AccountTerms,
    lines: Sequence[RatedLine],
    *,
    time_zone_data: str,
    previous: str = GENESIS,
    about: Mapping[str, str] = NO_FACTS,
) -> dict[str, object]:
    """Write down a rating: what went in, and the lines that came out of `rate_account`.

    `previous` is the digest of the proof before this one; `about` says whose bill it is and of when.
    """
    body: dict[str, object] = {
        "format": FORMAT,
        "about": dict(about),
        "previous": previous,
        "time_zone_data": time_zone_data,
        "steps": list(ACCOUNT_STEPS),
        "tariffs": [tariff_document(tariff) for tariff in _tariffs_of(uses, terms)],
        "uses": [use_document(use) for use in sorted(uses, key=lambda use: use.use_id)],
        "terms": terms_document(terms),
        **_results(lines),
    }
    return {**body, "digest": digest(body)}


def _tariffs_of(uses: Iterable[Use], terms: AccountTerms) -> list[Tariff]:
    tariffs: dict[TariffKey, Tariff] = {}
    alternatives = (tariff for several in terms.alternatives.values() for tariff in several)
    for tariff in (*(use.tariff for use in uses), *alternatives):
        key = (tariff.tariff_id, tariff.version)
        if tariffs.setdefault(key, tariff) != tariff:
            raise InvalidProof(reason="one version of a tariff has two meanings", tariff_id=key[0], version=key[1])
    return [tariffs[key] for key in sorted(tariffs)]


def _results(lines: Sequence[RatedLine]) -> dict[str, object]:
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.amount.currency] = totals.get(line.amount.currency, 0) + line.amount.minor
    return {
        "evidence_digest": digest(sorted({each for line in lines for each in line.evidence})),
        "lines": [line_document(line) for line in lines],
        "totals": totals,
    }


def verify(proof: Mapping[str, object]) -> list[Finding]:
    """Compute the bill again from the proof alone: an empty list says that every byte agrees."""
    findings: list[Finding] = []
    body = {name: value for name, value in proof.items() if name != "digest"}
    if proof.get("digest") != digest(body):
        findings.append(Finding("/digest", proof.get("digest"), digest(body)))
    if body.get("steps") not in _known_steps(body):
        findings.append(Finding("/steps", body.get("steps"), list(ACCOUNT_STEPS)))
    again = _recomputed(body)
    findings += [
        Finding(f"/{name}", body.get(name), again[name])
        for name in ("evidence_digest", "totals")
        if body.get(name) != again[name]
    ]
    lines = zip_longest(cast("list[object]", body.get("lines")), cast("list[object]", again["lines"]))
    findings += [Finding(f"/lines/{at}", stated, found) for at, (stated, found) in enumerate(lines) if stated != found]
    return findings


def _known_steps(body: Mapping[str, object]) -> list[list[str]]:
    uses = cast("list[Mapping[str, object]]", body["uses"]) if isinstance(body.get("uses"), list) else []
    earlier = not any("fault_credit" in each for each in uses)
    return [list(ACCOUNT_STEPS), *([_EARLIER_STEPS] if earlier else [])]


def _recomputed(body: Mapping[str, object]) -> dict[str, object]:
    if body.get("format") != FORMAT or not isinstance(body.get("lines"), list):
        raise InvalidProof(reason="unknown format", format=str(body.get("format"))[:20])
    try:
        made = [tariff_from_document(each) for each in cast("list[object]", body["tariffs"])]
        tariffs = {(tariff.tariff_id, tariff.version): tariff for tariff in made}
        uses = [use_from_document(each, tariffs) for each in cast("list[object]", body["uses"])]
        return _results(rate_account(uses, terms_from_document(body["terms"], tariffs)).lines)
    except (Refusal, KeyError, TypeError, ValueError) as error:
        raise InvalidProof(reason=f"{type(error).__name__}: {error}"[:300]) from error


def verify_chain(proofs: Sequence[Mapping[str, object]], before: object = GENESIS) -> list[Finding]:
    """Each statement of an account holds the digest of the one before; the first, unless stated, follows nothing."""
    findings: list[Finding] = []
    for at, proof in enumerate(proofs):
        if proof.get("previous") != before:
            findings.append(Finding(f"/{at}/previous", proof.get("previous"), before))
        before = proof.get("digest")
    return findings
