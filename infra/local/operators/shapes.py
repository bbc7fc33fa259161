"""The shape of an operator's file. Its parts are the bodies that the doors take, under the ids that they get there."""

from typing import Annotated, Any, Literal

import msgspec

from chalicelib.edge.asset_shapes import AssetBody
from chalicelib.edge.category_shapes import CategoryBody
from chalicelib.edge.document_shapes import SellerBody
from chalicelib.edge.fare_caps import FareCapBody
from chalicelib.edge.meters import MeterBody
from chalicelib.edge.place_shapes import PlaceBody
from chalicelib.edge.plan_shapes import PlanBody, PlanTermsBody
from chalicelib.edge.product_shapes import ProductBody
from chalicelib.edge.share_shapes import RateBody, ShareBody

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Rules = dict[str, Any]
Setting = Literal[
    "ADGANG_ZONE",
    "ADGANG_CURRENCY",
    "ADGANG_TERMS",
    "ADGANG_CLOSE_GRACE_HOURS",
    "ADGANG_CHARGE_MOST",
    "ADGANG_OBJECTION_DAYS",
    "ADGANG_LANGUAGE",
]


class ProductPart(ProductBody, kw_only=True):
    """A product with its own tariff, and with the fares that its customers could have instead."""

    tariff: Rules
    fares: dict[str, Rules] = msgspec.field(default_factory=dict)


class PartnerPart(msgspec.Struct, forbid_unknown_fields=True):
    """Who puts things on offer. `devices` have a key of their own each, beside the partner's."""

    name: Name
    share: ShareBody | None = None
    meters: dict[str, MeterBody] = {}
    places: dict[str, PlaceBody] = {}
    products: dict[str, ProductPart] = {}
    assets: dict[str, AssetBody] = {}
    devices: list[Name] = []


class OperatorPart(msgspec.Struct, forbid_unknown_fields=True):
    """All that an operator sets up. In `tax`, `caps` and plans' `fares` a product is `<partner>:<product>`, by the
    file's own names.

    `stage` holds the settings that the stage has to be deployed with; the local run is started with them.
    """

    operator: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,31}$")]
    about: str
    stage: dict[Setting, str]
    categories: dict[str, CategoryBody] = {}
    sellers: dict[str, SellerBody] = {}
    tax: list[RateBody] = []
    caps: list[FareCapBody] = []
    partners: dict[str, PartnerPart] = {}
    terms: dict[str, PlanTermsBody] = {}
    plans: dict[str, PlanBody] = {}
