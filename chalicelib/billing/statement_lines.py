"""The lines of a statement by name. A line keeps its id as long as its month has it, however its amount grows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from chalicelib.billing.errors import UnknownLine
from chalicelib.kernel.ids import digest
from chalicelib.rating import tariff_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from chalicelib.billing.statement import Statement
    from chalicelib.rating import RatedLine, Tariff, Use

_PREFIX, _LETTERS = "lin_", 24
_NAMING = ("cap", "day", "week", "month", "product")
"""The facts of a reduction that tell it from others of its code."""


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line of a statement with its use, and the ids of the lines that the same reduction has on other uses."""

    line_id: str
    line: RatedLine
    use: Use
    shared_with: tuple[str, ...] = ()


def line_ids(lines: Iterable[RatedLine]) -> list[str]:
    """By use, price and kind, a reduction by its rule too; of several alike in these, by their order among themselves.

    A charge's code may become another one as it grows: what is included is used up, a tier is passed.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for line in lines:
        key = (line.use_id, line.price_id, line.kind, *(_rule(line) if line.kind == "reduction" else ()))
        found.append(_PREFIX + digest([*key, seen[key]])[:_LETTERS])
        seen[key] += 1
    return found


def line_named(stated: Statement, line_id: str) -> NamedLine:
    """The line of that id, or `UnknownLine`, which another account's is too."""
    names = line_ids(stated.lines)
    if line_id not in names:
        raise UnknownLine(month=str(stated.month), line_id=line_id[:40])
    place = names.index(line_id)
    line, uses = stated.lines[place], {each.use_id: each for each in stated.uses}
    use = uses[line.use_id]
    if line.kind == "charge":
        return NamedLine(line_id, line, use)
    reduction = _reduction(line, use)
    others = (at for at, each in enumerate(stated.lines) if at != place and each.kind == "reduction")
    alike = (at for at in others if _reduction(stated.lines[at], uses[stated.lines[at].use_id]) == reduction)
    return NamedLine(line_id, line, use, tuple(names[at] for at in alike))


def _rule(line: RatedLine) -> tuple[str, ...]:
    """A reduction's code, and which one of that code."""
    return line.code, *(line.facts.get(name, "") for name in _NAMING)


def _reduction(line: RatedLine, use: Use) -> tuple[str, ...]:
    """The same for all lines of one reduction: a tariff's cap is its product's, a promotion has an id for a price."""
    own = any(each.id == line.price_id for each in use.tariff.prices)
    within = use.tariff.settled_as if _cap_of(line, use.tariff) is not None else ""
    return *_rule(line), "" if own else line.price_id, within


def rule_of(line: RatedLine, tariff: Tariff) -> Mapping[str, object] | None:
    """The cap that made the line, or the price that it charges or lowers, as published; None of what is no tariff's."""
    if "cap" in line.facts:
        return _cap_of(line, tariff)
    rules = (*_published(tariff, "prices"), *_published(tariff, "minimums"))
    return next((each for each in rules if each["id"] == line.price_id), None)


def _cap_of(line: RatedLine, tariff: Tariff) -> Mapping[str, object] | None:
    """The tariff's cap that made the line; an account's own caps have other ids or amounts."""
    said = (line.facts.get("cap"), line.facts.get("limit"))
    return next((each for each in _published(tariff, "caps") if (each["id"], each["amount"]) == said), None)


def _published(tariff: Tariff, kind: str) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", tariff_document(tariff).get(kind, ()))


def is_of_line(line: RatedLine, events: Sequence[tuple[str, str]]) -> Collection[int]:
    """The places of those of a session's events, as id and name, that the line rests on.

    Of very many ids a line lists the first alone: then it rests on all events that are called what these are.
    """
    listed = frozenset(line.evidence)
    own = {place for place, (event_id, _) in enumerate(events) if event_id in listed}
    if not any(", sha256:" in each for each in line.evidence):
        return own
    names = {events[place][1] for place in own}
    return {place for place, (_, name) in enumerate(events) if name in names}
