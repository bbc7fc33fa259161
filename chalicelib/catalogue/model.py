"""Places, products, assets, as a partner describes them."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.kernel.time import zone

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{3,31}")
_NAME_LIMIT = 200
_MOST_CAPACITY = 1_000_000
_CENTIMETRE = Decimal("1e-7")
_MOST_LATITUDE = Decimal(90)
_MOST_LONGITUDE = Decimal(180)


def degrees(text: str, field: str) -> Decimal:
    """A coordinate from decimal text, to seven decimals: a centimetre on the ground."""
    try:
        return Decimal(text).quantize(_CENTIMETRE)
    except InvalidOperation as error:
        raise BadCatalogueEntry(pointer=f"/{field}", reason="decimal degrees") from error


def _check(field: str, *, holds: bool, reason: str) -> None:
    if not holds:
        raise BadCatalogueEntry(pointer=f"/{field}", reason=reason)


def _check_names(id_field: str, own_id: str, name: str | None = None) -> None:
    _check(id_field, holds=bool(_ID.fullmatch(own_id)), reason="1 to 64 letters, digits and ._:-")
    if name is not None:
        _check("name", holds=0 < len(name.strip()) <= _NAME_LIMIT, reason="1 to 200 characters")


def _within(number: Decimal, most: Decimal) -> bool:
    return number.is_finite() and abs(number) <= most


@dataclass(frozen=True, slots=True)
class Place:
    """Where assets stand. Coordinates are WGS 84 degrees."""

    partner_id: str
    place_id: str
    name: str
    latitude: Decimal
    longitude: Decimal
    address: str = ""
    capacity: int = 0

    def __post_init__(self) -> None:
        _check_names("place_id", self.place_id, self.name)
        _check("latitude", holds=_within(self.latitude, _MOST_LATITUDE), reason="-90 to 90 degrees")
        _check("longitude", holds=_within(self.longitude, _MOST_LONGITUDE), reason="-180 to 180 degrees")
        _check("capacity", holds=self.capacity >= 0, reason="not negative")


@dataclass(frozen=True, slots=True)
class DataItem:
    """One line of the data card: what the thing will report, why, and for how many days it is kept."""

    what: str
    why: str
    kept_days: int


@dataclass(frozen=True, slots=True)
class Product:
    """What is on offer. `zone` is where its days and months begin; `tariff_version` is 0 until one is published."""

    partner_id: str
    product_id: str
    name: str
    category: str
    zone: str
    data_card: tuple[DataItem, ...] = ()
    tariff_version: int = 0

    def __post_init__(self) -> None:
        _check_names("product_id", self.product_id, self.name)
        _check("category", holds=bool(_ID.fullmatch(self.category)), reason="1 to 64 letters, digits and ._:-")
        zone(self.zone)

    @property
    def tariff_id(self) -> str:
        """The id of its tariff, unique among all partners."""
        return f"{self.partner_id}:{self.product_id}"


@dataclass(frozen=True, slots=True)
class Asset:
    """One piece of a product, with the code that a customer scans. `capacity` is how many may use it at once."""

    partner_id: str
    asset_id: str
    product_id: str
    code: str
    place_id: str | None = None
    capacity: int = 1
    retired: bool = False

    def __post_init__(self) -> None:
        _check_names("asset_id", self.asset_id)
        _check("code", holds=bool(_CODE.fullmatch(self.code)), reason="4 to 32 capital letters, digits and -")
        _check("capacity", holds=1 <= self.capacity <= _MOST_CAPACITY, reason=f"1 to {_MOST_CAPACITY}")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of one row of an import: `error` is None where it was stored."""

    row: int
    entry_id: str
    error: BadCatalogueEntry | Exception | None = None
