"""What sessions can be charged by so far. A rule that no bill would follow must not be promised to anybody.

A session's charge is sealed for itself, and is rated together with what shares its day. So rules that look at weeks or
months, at agreements, at stretches of need or at peaks are read and rated, but not yet published.
"""

from collections.abc import Iterator

from chalicelib.rating import Tariff

_KINDS = frozenset({"flat", "unit", "package", "graduated", "percentage", "graduated_percentage", "threshold"})
"""Of these the running cost never falls below the bill; volume tiers make less use cost more."""
_CAPS = frozenset({"use", "day"})
_REASON = "cannot_be_charged_yet"


def not_chargeable(tariff: Tariff) -> list[dict[str, str]]:
    """The rules that the tariff cannot have yet, each with its JSON pointer."""
    return [{"pointer": pointer, "reason": _REASON} for pointer in _pointers(tariff)]


def _pointers(tariff: Tariff) -> Iterator[str]:
    for index, price in enumerate(tariff.prices):
        if price.kind not in _KINDS:
            yield f"/prices/{index}/kind"
            continue
        document = price.document()
        for member in ("period", "once_per"):
            if document.get(member, "use") != "use":
                yield f"/prices/{index}/{member}"
    yield from (f"/minimums/{index}/period" for index, each in enumerate(tariff.minimums) if each.period != "use")
    yield from (f"/allowances/{index}" for index, _ in enumerate(tariff.allowances))
    if tariff.regret is not None:
        yield "/regret"
    yield from (f"/caps/{index}/period" for index, cap in enumerate(tariff.caps) if cap.period not in _CAPS)
    for member, instant in (("valid_from", tariff.valid_from), ("valid_until", tariff.valid_until)):
        if instant is not None:
            yield f"/{member}"
