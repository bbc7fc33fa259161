"""The partner door's routes of the catalogue: what a partner puts on offer, where, at which price."""

from collections.abc import Callable
from typing import Any

from chalicelib.catalogue import service as catalogue
from chalicelib.catalogue.changes import Author, EntryKind
from chalicelib.catalogue.errors import UnknownAsset, UnknownPlace, UnknownProduct
from chalicelib.catalogue.maintaining import end_take_out, take_out
from chalicelib.catalogue.model import Asset, ImportReport, Place, Product
from chalicelib.catalogue.taking_out import TakeOut
from chalicelib.edge import asset_shapes, category_shapes, histories, imports, place_shapes, product_shapes, tariffs
from chalicelib.edge.call import Call, read_object
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.routes import delete, get, post, put
from chalicelib.edge.wiring import Wiring
from chalicelib.partners.model import ApiKey
from chalicelib.rating import Tariff

Rows = list[imports.Row]


def _author(call: Call[ApiKey, Any]) -> Author:
    return Author(call.caller.key_id, call.now)


class CatalogueDesk:
    """A partner keeps its own entries, one by one or many at once."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @put("/v1/places/{place_id}", takes=place_shapes.PlaceBody, shows=place_shapes.show_place)
    def put_place(self, call: Call[ApiKey, place_shapes.PlaceBody], place_id: str) -> Place:
        """Store or replace a place."""
        return self._put_place(call, place_id, call.body)

    def _put_place(self, call: Call[ApiKey, Any], place_id: str, body: place_shapes.PlaceBody) -> Place:
        place = place_shapes.place_of(call.caller.partner_id, place_id, body, self._wired.settings.zone)
        return catalogue.put_place(place, author=_author(call), catalogue=self._wired.catalogue, commit=call.commit)

    @put(
        "/v1/places",
        takes=place_shapes.PlacesBody,
        reads=imports.reads_rows("places", place_shapes.PlaceRow, "place_id"),
        shows=imports.show_import,
        media_types=imports.MEDIA_TYPES,
    )
    def put_places(self, call: Call[ApiKey, Rows]) -> list[ImportReport]:
        """Import up to 500 places, as JSON or CSV, with a report for each."""

        def store(row: place_shapes.PlaceRow) -> Place:
            return self._put_place(call, row.place_id, row)

        return _imported(call, store)

    @get("/v1/places", query=PageQuery)
    def places(self, call: Call[ApiKey, None]) -> Page[place_shapes.PlaceShown]:
        """My places."""
        rows = self._wired.catalogue.places(call.caller.partner_id, limit=call.query.limit, after=call.query.after)
        return paged(rows, call.query, place_shapes.show_place, lambda place: place.place_id)

    @get("/v1/places/{place_id}", shows=place_shapes.show_place)
    def place(self, call: Call[ApiKey, None], place_id: str) -> Place:
        """One of my places."""
        found = self._wired.catalogue.place(call.caller.partner_id, place_id)
        if found is None:
            raise UnknownPlace(place_id=place_id)
        return found

    @get("/v1/places/{place_id}/history", query=PageQuery)
    def place_history(self, call: Call[ApiKey, None], place_id: str) -> Page[histories.ChangeShown]:
        """Who changed the place, when and what, the newest change first."""
        return self._history(call, EntryKind.PLACE, place_id)

    @put("/v1/products/{product_id}", takes=product_shapes.ProductBody, shows=product_shapes.show_product)
    def put_product(self, call: Call[ApiKey, product_shapes.ProductBody], product_id: str) -> Product:
        """Store or replace a product. Its tariffs stay; another ceiling or category holds from next month on."""
        return self._put_product(call, product_id, call.body)

    def _put_product(self, call: Call[ApiKey, Any], product_id: str, body: product_shapes.ProductBody) -> Product:
        product = product_shapes.product_of(call.caller.partner_id, product_id, body, self._wired.settings.currency)
        return catalogue.put_product(product, author=_author(call), catalogue=self._wired.catalogue, commit=call.commit)

    @put(
        "/v1/products",
        takes=product_shapes.ProductsBody,
        reads=imports.reads_rows("products", product_shapes.ProductRow, "product_id"),
        shows=imports.show_import,
        media_types=imports.MEDIA_TYPES,
    )
    def put_products(self, call: Call[ApiKey, Rows]) -> list[ImportReport]:
        """Import up to 500 products, as JSON or CSV, with a report for each."""

        def store(row: product_shapes.ProductRow) -> Product:
            return self._put_product(call, row.product_id, row)

        return _imported(call, store)

    @get("/v1/products", query=product_shapes.ProductQuery)
    def products(self, call: Call[ApiKey, None]) -> Page[product_shapes.ProductShown]:
        """My products, all or those of a category. A page may be short: go on while there is a `next`."""
        partner_id, query = call.caller.partner_id, call.query
        if query.category is None:
            rows = self._wired.catalogue.products(partner_id, limit=query.limit, after=query.after)
            return paged(rows, query, product_shapes.show_product, lambda product: product.product_id)
        found = self._wired.catalogue.products_in(partner_id, query.category, limit=query.limit, after=query.after)
        return Page([product_shapes.show_product(each) for each in found.rows], found.after)

    @get("/v1/products/{product_id}", shows=product_shapes.show_product)
    def product(self, call: Call[ApiKey, None], product_id: str) -> Product:
        """One of my products."""
        found = self._wired.catalogue.product(call.caller.partner_id, product_id)
        if found is None:
            raise UnknownProduct(product_id=product_id)
        return found

    @get("/v1/products/{product_id}/history", query=PageQuery)
    def product_history(self, call: Call[ApiKey, None], product_id: str) -> Page[histories.ChangeShown]:
        """Who changed the product or published a tariff of it, when and what, the newest change first."""
        return self._history(call, EntryKind.PRODUCT, product_id)

    @post(
        "/v1/products/{product_id}/tariffs",
        takes=tariffs.TariffRules,
        reads=read_object,
        shows=tariffs.show_tariff,
        status=201,
    )
    def publish_tariff(self, call: Call[ApiKey, dict[str, object]], product_id: str) -> Tariff:
        """Publish the product's next tariff version; every error in its rules is told, with its place."""
        return self._publish(call, product_id)

    @post(
        "/v1/products/{product_id}/fares/{fare}/tariffs",
        takes=tariffs.TariffRules,
        reads=read_object,
        shows=tariffs.show_tariff,
        status=201,
    )
    def publish_fare(self, call: Call[ApiKey, dict[str, object]], product_id: str, fare: str) -> Tariff:
        """Publish a fare's next version: each customer's month costs what the cheapest of the product's tariffs does.

        It counts for months that end from now on, unless it says `valid_from`.
        """
        return self._publish(call, product_id, fare)

    @get("/v1/products/{product_id}/tariffs/{version}", shows=tariffs.show_tariff)
    def tariff_version(self, call: Call[ApiKey, None], product_id: str, version: str) -> Tariff:
        """A published version of my product's own tariff."""
        return catalogue.published(call.caller.partner_id, product_id, version, catalogue=self._wired.catalogue)

    @get("/v1/products/{product_id}/fares/{fare}/tariffs/{version}", shows=tariffs.show_tariff)
    def fare_version(self, call: Call[ApiKey, None], product_id: str, fare: str, version: str) -> Tariff:
        """A published version of a fare."""
        store = self._wired.catalogue
        return catalogue.published(call.caller.partner_id, product_id, version, fare=fare, catalogue=store)

    @put("/v1/assets/{asset_id}", takes=asset_shapes.AssetBody, shows=asset_shapes.show_asset)
    def put_asset(self, call: Call[ApiKey, asset_shapes.AssetBody], asset_id: str) -> Asset:
        """Store or replace an asset with its code and its device."""
        return self._put_asset(call, asset_id, call.body, set())

    def _put_asset(self, call: Call[ApiKey, Any], asset_id: str, body: asset_shapes.AssetBody, seen: set[str]) -> Asset:
        asset, store = asset_shapes.asset_of(call.caller.partner_id, asset_id, body), self._wired.catalogue
        zone = self._wired.settings.zone
        return catalogue.put_asset(
            asset, author=_author(call), zone=zone, catalogue=store, commit=call.commit, seen=seen
        )

    @put(
        "/v1/assets",
        takes=asset_shapes.AssetsBody,
        reads=imports.reads_rows("assets", asset_shapes.AssetRow, "asset_id"),
        shows=imports.show_import,
        media_types=imports.MEDIA_TYPES,
    )
    def put_assets(self, call: Call[ApiKey, Rows]) -> list[ImportReport]:
        """Import up to 500 assets, as JSON or CSV, with a report for each."""
        seen = set[str]()

        def store(row: asset_shapes.AssetRow) -> Asset:
            return self._put_asset(call, row.asset_id, row, seen)

        return _imported(call, store)

    @get("/v1/assets", query=asset_shapes.AssetQuery)
    def assets(self, call: Call[ApiKey, None]) -> Page[asset_shapes.AssetShown]:
        """My assets, all or those of a product or place. A page may be short: go on while there is a `next`."""
        partner_id, query = call.caller.partner_id, call.query
        if query.product_id is None and query.place_id is None:
            rows = self._wired.catalogue.assets(partner_id, limit=query.limit, after=query.after)
            return paged(rows, query, asset_shapes.show_asset, lambda asset: asset.asset_id)
        found = self._wired.catalogue.assets_of(
            partner_id, product_id=query.product_id, place_id=query.place_id, limit=query.limit, after=query.after
        )
        return Page([asset_shapes.show_asset(each) for each in found.rows], found.after)

    @get("/v1/assets/{asset_id}", shows=asset_shapes.show_asset)
    def asset(self, call: Call[ApiKey, None], asset_id: str) -> Asset:
        """One of my assets."""
        found = self._wired.catalogue.asset(call.caller.partner_id, asset_id)
        if found is None:
            raise UnknownAsset(asset_id=asset_id)
        return found

    @get("/v1/assets/{asset_id}/history", query=PageQuery)
    def asset_history(self, call: Call[ApiKey, None], asset_id: str) -> Page[histories.ChangeShown]:
        """Who changed the asset, when and what, the newest change first."""
        return self._history(call, EntryKind.ASSET, asset_id)

    @post(
        "/v1/assets/{asset_id}/take-outs", takes=asset_shapes.TakeOutBody, shows=asset_shapes.show_take_out, status=201
    )
    def take_out(self, call: Call[ApiKey, asset_shapes.TakeOutBody], asset_id: str) -> TakeOut:
        """Take an asset off the offers for maintenance, now or later. A session that runs goes on."""
        return take_out(
            asset_shapes.asked_take_out(call.caller.partner_id, asset_id, call.body),
            author=_author(call),
            catalogue=self._wired.catalogue,
            random_bytes=self._wired.random_bytes,
            commit=call.commit,
        )

    @get("/v1/assets/{asset_id}/take-outs", query=PageQuery)
    def take_outs(self, call: Call[ApiKey, None], asset_id: str) -> Page[asset_shapes.TakeOutShown]:
        """An asset's take-outs in order of their beginning: past, present and to come."""
        asset = self.asset(call, asset_id)
        found = self._wired.catalogue.take_outs(
            asset.partner_id, asset.asset_id, limit=call.query.limit, after=call.query.after
        )
        return paged(found, call.query, asset_shapes.show_take_out, lambda each: each.take_out_id)

    @delete("/v1/assets/{asset_id}/take-outs/{take_out_id}", shows=asset_shapes.show_take_out)
    def end_take_out(self, call: Call[ApiKey, None], asset_id: str, take_out_id: str) -> TakeOut:
        """Put the asset back on the offers, or never take it off; ending a take-out again changes nothing."""
        return end_take_out(
            call.caller.partner_id,
            asset_id,
            take_out_id,
            author=_author(call),
            catalogue=self._wired.catalogue,
            commit=call.commit,
        )

    @get("/v1/categories", query=PageQuery)
    def categories(self, call: Call[ApiKey, None]) -> Page[category_shapes.CategoryShown]:
        """The operator's categories, which my products may name."""
        return category_shapes.all_categories(call.query, catalogue=self._wired.catalogue)

    def _publish(self, call: Call[ApiKey, dict[str, object]], product_id: str, fare: str = "") -> Tariff:
        return catalogue.publish_tariff(
            call.caller.partner_id,
            product_id,
            call.body,
            fare=fare,
            currency=self._wired.settings.currency,
            author=_author(call),
            catalogue=self._wired.catalogue,
            commit=call.commit,
        )

    def _history(self, call: Call[ApiKey, None], kind: EntryKind, entry_id: str) -> Page[histories.ChangeShown]:
        known = {EntryKind.PLACE: self.place, EntryKind.PRODUCT: self.product, EntryKind.ASSET: self.asset}
        known[kind](call, entry_id)
        store = self._wired.catalogue
        return histories.history(call.caller.partner_id, kind, entry_id, call.query, catalogue=store)


def _imported(call: Call[ApiKey, Rows], store: Callable[[Any], object]) -> list[ImportReport]:
    return catalogue.import_rows([*imports.storing(call.body, store)])
