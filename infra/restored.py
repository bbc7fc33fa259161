"""What a door's role needs to use a table that was restored under another name: the same rights, on that name.

    python -m infra.restored finance ledger=adgang-live-ledger-restored

prints the policy's document, as `aws iam put-role-policy` takes it (docs/runbooks/restore.md).
"""

import json
import sys
from collections import defaultdict
from typing import Any

from infra.grants import grants


def policy_document(door: str, table: str, name: str) -> dict[str, Any]:
    """The door's rights on an area's table, of all of its functions, on a table of that name."""
    actions = sorted({each.action for each in grants() if each.door == door and each.table == table})
    if not actions:
        raise LookupError(f"the {door} door has no right on the table of {table}")
    resource = f"arn:aws:dynamodb:*:*:table/{name}"
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": [resource]}]}


def doors_of(table: str) -> dict[str, list[str]]:
    """The doors that use an area's table, with what they do to it."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in grants():
        if each.table == table:
            found[each.door].add(each.action)
    return {door: sorted(actions) for door, actions in sorted(found.items())}


def main(arguments: list[str]) -> int:
    """Exit status 2 where the door or the pair makes no sense."""
    if len(arguments) != 2 or "=" not in arguments[1]:  # noqa: PLR2004 -- the door and the pair
        print(__doc__, file=sys.stderr)
        return 2
    door, (table, _, name) = arguments[0], arguments[1].partition("=")
    try:
        print(json.dumps(policy_document(door, table, name)))
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
