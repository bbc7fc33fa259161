"""Loading an operator's file from the terminal: into a running system, or with `make run` into the one that starts."""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.kernel.time import Month, parse_instant
from infra.local.client import Client
from infra.local.operators.loading import Doors, Key, Loader, keep_keys, keys_in
from infra.local.operators.reading import OperatorFile, example, read_operator
from infra.local.system import System

Say = Callable[[str], object]
STAFF = ["operator", "finance"]
_KEYS = Path("build/operators")
_FINANCE, _PARTNER = "/finance", "/partner"


def add_arguments(acts: Any) -> None:  # noqa: ANN401 -- argparse names no type for it
    """The commands about operators' files."""
    load = acts.add_parser("load", help="set up what an operator's file says; again, and only what changed is changed")
    load.add_argument("file", help="a JSON file as docs/operators.md describes it")
    load.add_argument("--partner-url", help="the partner door; by default beside the finance door")
    load.add_argument(
        "--keys", type=Path, help="where partners' keys are kept; default build/operators/<operator>.json"
    )
    check = acts.add_parser("check", help="say what is wrong in an operator's file, and load nothing")
    check.add_argument("file")


def check_act(given: argparse.Namespace) -> object:
    """What is in a file that has no fault."""
    read = read_operator(Path(given.file)).read
    counted = {
        name: {"products": len(each.products), "assets": len(each.assets)} for name, each in read.partners.items()
    }
    return {"operator": read.operator, "partners": counted}


def load_act(staff: Client, given: argparse.Namespace) -> object:
    """Load a file; what comes back are the partners' ids and where their keys are."""
    file = read_operator(Path(given.file))
    kept = given.keys or _KEYS / f"{file.read.operator}.json"
    doors = Doors(staff, given.partner_url or staff.base.removesuffix(_FINANCE) + _PARTNER)
    known = keys_in(kept)
    loader = Loader(file, doors, _month_to_come(staff, file, given.token), _tell)
    try:
        loader.load(known)
    finally:
        keep_keys(kept, {**known, **loader.keys})
    partners = {name: key.partner_id for name, key in loader.keys.items()}
    return {"partners": partners, "keys": str(kept), "stage_needs": file.document["stage"]}


def start_operator(
    operator: str, port: int, seed: str, start_at: datetime | None = None
) -> tuple[System, OperatorFile]:
    """A system under the settings of an example's stage; nothing is loaded yet."""
    file = read_operator(example(operator))
    settings = {str(name): value for name, value in file.read.stage.items()}
    return System.start(port=port, seed=seed, start_at=start_at, settings=settings), file


def load_into(system: System, file: OperatorFile, say: Say = print) -> dict[str, Key]:
    """Load a file into a system of this process, by staff of its own."""
    token = system.identity.staff_sign_in("setting-up", STAFF)
    with closing(Client(system.address + _FINANCE, token, "setting-up")) as staff:
        month = Month.of(system.now(), file.read.stage.get("ADGANG_ZONE", "UTC")).next
        return Loader(file, Doors(staff, system.address + _PARTNER), month, say).load({})


def what_to_try(file: OperatorFile, keys: dict[str, Key]) -> list[str]:
    """What somebody who has just started it needs: keys, and codes to scan."""
    lines = [file.read.about]
    for name, part in file.read.partners.items():
        lines.append(f"{part.name}: {keys[name].partner_id}, X-Api-Key: {keys[name].key}")
        lines += [f"  {device}: X-Api-Key: {key}" for device, key in keys[name].devices.items()]
        lines.append("  codes: " + ", ".join(asset.code for asset in part.assets.values()))
    return lines


def _month_to_come(staff: Client, file: OperatorFile, token: str | None) -> Month:
    """By the local run's own clock, or by ours where the system is elsewhere."""
    now = datetime.now(UTC)
    if token is None:
        with closing(Client(staff.base.removesuffix(_FINANCE))) as local:
            now = parse_instant(local.get("/local/clock")["now"])
    return Month.of(now, file.read.stage.get("ADGANG_ZONE", "UTC")).next


def _tell(line: str) -> None:
    print(line, file=sys.stderr)
