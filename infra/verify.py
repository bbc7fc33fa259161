"""Recompute a bill offline, from its proof alone: `make verify FILE=proof.json`."""

import json
import sys
from pathlib import Path
from typing import Any

from chalicelib.edge.time_zone_data import time_zone_data
from chalicelib.kernel.errors import Refusal
from chalicelib.rating.proof import verify


def main(arguments: list[str]) -> int:
    """Say whether the bill holds; if not, where it differs. The exit status tells too."""
    if len(arguments) != 1:
        print("Which proof? make verify FILE=proof.json")
        return 2
    try:
        proof: dict[str, Any] = json.loads(Path(arguments[0]).read_text(), parse_float=str)
        findings = verify(proof)
    except (OSError, ValueError, AttributeError, Refusal) as error:
        print(f"{arguments[0]} cannot be recomputed: {error}")
        return 2
    for finding in findings:
        print(f"{finding.pointer}\n  stated: {finding.stated}\n  found:  {finding.found}")
    if findings and proof["time_zone_data"] != time_zone_data():
        print(f"Time zones: the bill was computed with {proof['time_zone_data']}, this machine has {time_zone_data()}")
    totals = ", ".join(f"{minor} {currency} (minor units)" for currency, minor in proof["totals"].items())
    print(f"{'DIFFERS' if findings else 'holds'}: {len(proof['lines'])} lines, {totals or 'nothing due'}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
