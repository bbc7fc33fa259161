"""What of a bill is whose: the tax in it by rate and product, and the partners' shares by product."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chalicelib.billing.share_ports import Shared
from chalicelib.billing.statement import Statement
from chalicelib.kernel.time import Month
from chalicelib.rating.figures import Figures, TaxRates, figures_of
from chalicelib.rating.share import by_product, share

_TAX, _SHARE, _SPLIT = "tax", "share", "split"
Parts = Mapping[str, int]
"""`tax|<rate>|<product>`, `share|<product>`, and, of what a provider split, `split|<rate>|<product>`: minor units.

The last is the amount that the tax at the rate is in.
"""


def partner_of(product: str) -> str:
    """The partner of a product, which is named `<partner>:<product>`."""
    return product.partition(":")[0]


def by_partner(figures: Mapping[str, Figures]) -> dict[str, dict[str, Figures]]:
    """The figures of each partner's products."""
    found: dict[str, dict[str, Figures]] = {}
    for product, each in figures.items():
        found.setdefault(partner_of(product), {})[product] = each
    return found


def figures_in(stated: Statement, shared: Shared) -> dict[str, Figures]:
    """The statement by product, with the tax rates of its month."""
    return figures_of(stated.lines, stated.uses, shared.tax_rates(stated.month))


def parts_of(figures: Mapping[str, Figures], month: Month, shared: Shared) -> dict[str, int]:
    """The tax, and what of each partner's share is known of this bill by itself."""
    parts: dict[str, int] = {}
    for product, each in figures.items():
        parts |= {f"{_TAX}|{rate}|{product}": minor for rate, minor in each.taxes.items()}
    for partner_id, its in by_partner(figures).items():
        rule = shared.rule(partner_id, month)
        if rule is not None:
            sums = by_product(share(rule.by_account, its))
            parts |= {f"{_SHARE}|{product}": minor for product, minor in sums.items() if minor}
    return parts


def taxes_in(parts: Parts, product: str) -> dict[str, int]:
    """The tax of a product by rate."""
    return _by_rate(_TAX, parts, product)


def sums_in(parts: Parts, product: str) -> dict[str, int]:
    """The amounts of a product that a provider split, by rate."""
    return _by_rate(_SPLIT, parts, product)


def split_parts(parts: Iterable[tuple[str, str, int, int]]) -> dict[str, int]:
    """Tax by product and rate, as parts: each an amount, if a provider split it, and the tax in it."""
    found: dict[str, int] = {}
    for product, rate, gross, tax in parts:
        for kind, minor in ((_SPLIT, gross), (_TAX, tax)):
            if kind == _TAX or is_split(rate):
                name = f"{kind}|{rate}|{product}"
                found[name] = found.get(name, 0) + minor
    return found


def is_split(rate: str) -> bool:
    """Whether a provider decided the rate: then it names the country."""
    return ":" in rate


def has_split(parts: Parts) -> bool:
    """Whether a provider split any of it."""
    return any(name.startswith(_SPLIT) for name in parts)


def tax_parts(parts: Parts) -> dict[str, int]:
    """Those of them that are tax, or what tax is in."""
    return {name: minor for name, minor in parts.items() if not name.startswith(_SHARE)}


def figures_in_split(stated: Statement, parts: Parts) -> dict[str, Figures]:
    """The statement by product, with the tax that these parts say; in what faults gave back it is in proportion."""
    found = {}
    for product, each in figures_of(stated.lines, stated.uses, TaxRates()).items():
        taxes = {rate: minor for rate, minor in taxes_in(parts, product).items() if minor}
        whole, tax = max(each.gross, 1), min(sum(taxes.values()), max(each.gross, 0))
        net = each.fault_credits - (2 * each.fault_credits * tax + whole) // (2 * whole)
        found[product] = replace(each, taxes=taxes, fault_credits_net=net)
    return found


def _by_rate(kind: str, parts: Parts, product: str) -> dict[str, int]:
    split = ((name.split("|"), minor) for name, minor in parts.items())
    return {name[1]: minor for name, minor in split if name[0] == kind and name[2] == product}


def share_in(parts: Parts, product: str) -> int:
    """The share of a product."""
    return parts.get(f"{_SHARE}|{product}", 0)


def shares_in(parts: Parts) -> dict[str, int]:
    """The shares by product."""
    found = ((name.partition("|"), minor) for name, minor in parts.items())
    return {product: minor for (kind, _, product), minor in found if kind == _SHARE}


def products_in(parts: Parts) -> set[str]:
    """All products that have a part."""
    return {name.rpartition("|")[2] for name in parts}


def shares_by_partner(parts: Parts) -> dict[str, int]:
    """What each partner's shares come to."""
    sums: dict[str, int] = {}
    for name, minor in parts.items():
        kind, _, product = name.partition("|")
        if kind == _SHARE:
            partner_id = partner_of(product)
            sums[partner_id] = sums.get(partner_id, 0) + minor
    return sums
