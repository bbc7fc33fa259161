"""Each kind of item is either in the table of what is held about persons, or said to be about nobody."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from chalicelib.customers.holding import Leaving, Whose
from chalicelib.edge.holdings import HOLDINGS, held_as

CHALICELIB = Path(__file__).resolve().parents[2] / "chalicelib"
_KEY = r"((?:[^\s<]|<[^>]*>)+)"
_LINE = re.compile(rf"^{_KEY}\s+{_KEY}\s{{2,}}\S", re.MULTILINE)
_TABLES = {"edge": "idempotency", "storage": "outbox", "inbox_items.py": "inbox"}
OF_NOBODY = {
    "access": {"map#", "place#", "asset#x/x stand"},
    "billing": {
        "collection",
        "comparisons",
        "comparisons-read",
        "farecaps",
        "partner#",
        "policy",
        "prefix#",
        "seller",
        "seller#",
        "selling",
        "series#",
        "stripe#calls",
        "taxrates",
    },
    "catalogue": {"partner#", "code#", "categories"},
    "finance": {"exports", "export#"},
    "ledger": {"balances"},
    "metering": {"partner#"},
    "partners": {"partner#", "partners", "key#", "sharing"},
    "subscriptions": {"plans", "plan#", "terms#", "moves#", "announced#"},
}
"""What offers, partners, operators and the machinery are described by: no item of these names a customer or account."""


def modules() -> Iterator[tuple[str, Path, str]]:
    """Area, file and docstring of whatever has records in it."""
    for path in sorted(CHALICELIB.glob("*/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bases = {ast.unparse(base) for each in tree.body if isinstance(each, ast.ClassDef) for base in each.bases}
        if "Record" in bases and path.parent.name != "storage":
            area = path.parent.name
            yield _TABLES.get(path.name, _TABLES.get(area, area)), path, ast.get_docstring(tree) or ""


def kinds() -> Iterator[tuple[str, str, str]]:
    """Area, partition and sort key of each kind of item, as the docstrings of records have them, with examples."""
    for area, _, docstring in modules():
        for pk, sk in _LINE.findall(docstring):
            yield area, _example(pk), _example(sk)


def _example(key: str) -> str:
    return re.sub(r"<[^>]*>", "x", key).replace("[", "").replace("]", "")


def _beginning(pk: str) -> str:
    head, sign, _ = pk.partition("#")
    return pk if pk in {"stripe#calls", "comparisons-read"} else head + sign


def test_every_kind_of_item_is_held_for_a_stated_reason_or_is_about_nobody() -> None:
    unknown = {
        (area, pk, sk)
        for area, pk, sk in kinds()
        if held_as(area, pk, sk) is None and not {_beginning(pk), f"{pk} {sk}"} & OF_NOBODY.get(area, set())
    }

    assert unknown == set(), "add a row to chalicelib/edge/holdings.py"


def test_whatever_has_records_says_under_which_keys_they_are() -> None:
    told = {path for _, path, docstring in modules() if _LINE.search(docstring)}
    areas = {path.parent for path in told}

    assert {path.parent for _, path, _ in modules()} == areas
    assert len(list(kinds())) > 110


def test_no_row_is_about_what_is_not_stored_any_more() -> None:
    found = {held_as(*each) for each in kinds()}

    assert [(each.area, each.pk, each.sk) for each in HOLDINGS if each not in found] == [
        ("outbox", "", "message")  # described beside what saves messages
    ]


def test_what_leads_from_the_sign_in_is_erased() -> None:
    of_sign_ins = [each for each in HOLDINGS if each.whose is Whose.SUBJECT]

    assert {each.area for each in of_sign_ins} == {"customers", "subscriptions"}
    assert {each.leaving for each in of_sign_ins} == {Leaving.ERASED}
