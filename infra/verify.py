"""Recompute bills, and partners' shares, offline from their proofs alone: `make verify FILE=proof.json`.

Several are a chain.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chalicelib.edge.time_zone_data import time_zone_data
from chalicelib.kernel.errors import Refusal
from chalicelib.rating.proof import Finding, verify, verify_chain
from chalicelib.rating.share_proof import KIND as SHARE
from chalicelib.rating.share_proof import verify_share

Proof = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Say whether the bills hold; if not, where they differ. The exit status tells too."""
    files = [name for each in arguments for name in each.split()]
    if not files:
        print('Which proof? make verify FILE=proof.json, or FILE="1.json 2.json" for a chain')
        return 2
    proofs: list[Proof] = []
    worst = 0
    for file in files:
        try:
            proof: Proof = json.loads(Path(file).read_text(), parse_float=str)
            findings = verify_share(proof) if proof.get("kind") == SHARE else verify(proof)
        except (OSError, ValueError, AttributeError, Refusal) as error:
            print(f"{file} cannot be recomputed: {error}")
            return 2
        _tell(file if len(files) > 1 else "", proof, findings)
        proofs.append(proof)
        worst = max(worst, 1 if findings else 0)
    return max(worst, _tell_chain(proofs)) if len(proofs) > 1 else worst


def _tell(file: str, proof: Proof, findings: Sequence[Finding]) -> None:
    _show(findings)
    if findings and proof.get("time_zone_data", time_zone_data()) != time_zone_data():
        print(f"Time zones: the bill was computed with {proof['time_zone_data']}, this machine has {time_zone_data()}")
    totals = ", ".join(f"{minor} {currency} (minor units)" for currency, minor in proof["totals"].items())
    named = f"{file} " if file else ""
    print(f"{named}{'DIFFERS' if findings else 'holds'}: {len(proof['lines'])} lines, {totals or 'nothing due'}")


def _tell_chain(proofs: Sequence[Proof]) -> int:
    """The first file need not be an account's first proof; each other follows the one before it."""
    findings = verify_chain(proofs, before=proofs[0]["previous"])
    _show(findings)
    print(f"The chain of {len(proofs)} {'is BROKEN' if findings else 'holds'}")
    return 1 if findings else 0


def _show(findings: Sequence[Finding]) -> None:
    for finding in findings:
        print(f"{finding.pointer}\n  stated: {finding.stated}\n  found:  {finding.found}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
