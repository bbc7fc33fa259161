"""Operator's acts against a running system, from the terminal.

    make operator ARGS="create-partner --name 'City bikes'"
    make operator ARGS="partners"
    make operator ARGS="parked"
    make operator ARGS="release --account acc_x --month 2021-05 --note 'looked at'"
    make operator ARGS="close --month 2021-05 --watch"
    make operator ARGS="load infra/local/operators/tools.json"
    make operator ARGS="simulate --partner par_x --product city-bike --month 2021-05 --tariff tariff.json"

Against a deployed stage, give its finance door and a staff access token: ADGANG_URL=https://.../api ADGANG_TOKEN=...
Without them the local run at PORT is asked, and signs the operator in itself.
"""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

from infra.local.client import Client, RefusedError, every
from infra.local.closing import add_arguments, close_act
from infra.local.operators import commands
from infra.local.operators.errors import OperatorFileError
from infra.local.simulating import read_tariff, simulate_month

_FINANCE = "/finance"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1, with the problem on standard error, when the system refuses."""
    given = _parser().parse_args(arguments)
    try:
        urlsplit(given.url).port  # noqa: B018 -- raises for a port that is none
    except ValueError as error:
        print(f"{given.url}: {error}", file=sys.stderr)
        return 1
    try:
        print(json.dumps(_done(given), indent=2, ensure_ascii=False))
    except OperatorFileError as faulty:
        print(faulty, file=sys.stderr)
        return 1
    except RefusedError as refused:
        print(json.dumps(refused.body, indent=2, ensure_ascii=False), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"There is no system at {given.url}: {error}. Start one with `make run`.", file=sys.stderr)
        return 1
    return 0


def _done(given: argparse.Namespace) -> object:
    if given.act == "check":
        return commands.check_act(given)
    with closing(_operator(given.url, given.token)) as operator:
        return _ACTS.get(given.act, close_act)(operator, given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make operator", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    here = f"http://127.0.0.1:{os.environ.get('PORT', '8080')}{_FINANCE}"
    parser.add_argument(
        "--url", default=os.environ.get("ADGANG_URL", here), help=f"the finance door; default ADGANG_URL, or {here}"
    )
    parser.add_argument("--token", default=os.environ.get("ADGANG_TOKEN"), help="default ADGANG_TOKEN")
    acts = parser.add_subparsers(dest="act", required=True)
    create = acts.add_parser("create-partner", help="create a partner; its first key is shown this once")
    create.add_argument("--name", required=True)
    add = acts.add_parser("add-key", help="one more key for a partner; it is shown this once")
    add.add_argument("--partner", required=True)
    add.add_argument("--label", required=True)
    revoke = acts.add_parser("revoke-key", help="refuse a key from the next call on")
    revoke.add_argument("--partner", required=True)
    revoke.add_argument("--key", required=True, help="the key's id")
    partners = acts.add_parser("partners", help="all partners, or those with a text in their name; needs finance-read")
    partners.add_argument("--name", help="a part of the name, whatever its case")
    keys = acts.add_parser("keys", help="a partner's keys, without their secrets")
    keys.add_argument("--partner", required=True)
    acts.add_parser("parked", help="accounts whose month is not billed until somebody has looked at it")
    release = acts.add_parser("release", help="bill a parked account's month after all")
    release.add_argument("--account", required=True)
    release.add_argument("--month", required=True, help="as in 2021-05")
    release.add_argument("--note", required=True, help="why; kept with the decision")
    simulate = acts.add_parser("simulate", help="try a tariff on a past month, and write nothing; needs finance-read")
    simulate.add_argument("--partner", required=True)
    simulate.add_argument("--product", required=True)
    simulate.add_argument("--month", required=True, help="as in 2021-05")
    simulate.add_argument("--tariff", required=True, type=read_tariff, help="a file with rules, as in publishing")
    simulate.add_argument("--page", type=int, default=50, help="accounts in a call; default 50")
    add_arguments(acts)
    commands.add_arguments(acts)
    return parser


def _operator(url: str, token: str | None) -> Client:
    """Somebody who may operate and close months. Each run of the command is an act of its own, so its keys are new."""
    client = Client(url, token, f"operator-{uuid.uuid4()}")
    if token is None:
        with closing(Client(url.removesuffix(_FINANCE), name="local")) as local:
            signed_in = local.post("/local/staff-sign-in", {"name": "operator", "groups": commands.STAFF})
        client.token = signed_in["access_token"]
    return client


def _create_partner(operator: Client, given: argparse.Namespace) -> object:
    return operator.post("/v1/partners", {"name": given.name})


def _add_key(operator: Client, given: argparse.Namespace) -> object:
    return operator.post(f"/v1/partners/{given.partner}/keys", {"label": given.label})


def _revoke_key(operator: Client, given: argparse.Namespace) -> object:
    return operator.delete(f"/v1/partners/{given.partner}/keys/{given.key}")


def _partners(operator: Client, given: argparse.Namespace) -> list[object]:
    return every(operator, "/v1/partners", {"name": given.name} if given.name else {})


def _keys(operator: Client, given: argparse.Namespace) -> object:
    return operator.get(f"/v1/partners/{given.partner}/keys")


def _release(operator: Client, given: argparse.Namespace) -> object:
    return operator.post(f"/v1/parked/{given.account}/{given.month}/release", {"note": given.note})


def _simulated(operator: Client, given: argparse.Namespace) -> dict[str, object]:
    """Every page of the month, summed up."""
    about = {"partner_id": given.partner, "product_id": given.product, "month": given.month}
    return simulate_month(operator, {**about, "tariff": given.tariff, "limit": given.page})


def _all_parked(operator: Client, _given: argparse.Namespace) -> list[object]:
    return every(operator, "/v1/parked")


_ACTS: dict[str, Callable[[Client, argparse.Namespace], object]] = {
    "create-partner": _create_partner,
    "add-key": _add_key,
    "revoke-key": _revoke_key,
    "keys": _keys,
    "partners": _partners,
    "parked": _all_parked,
    "load": commands.load_act,
    "release": _release,
    "simulate": _simulated,
}


if __name__ == "__main__":
    sys.exit(main())
