"""The partner door: what partners call with their API keys."""

from collections.abc import Mapping
from functools import partial

from chalicelib.access.model import AccessSession
from chalicelib.access.reading import MeteredSessions
from chalicelib.catalogue import service as catalogue
from chalicelib.catalogue.errors import UnknownAsset, UnknownPlace, UnknownProduct
from chalicelib.catalogue.model import Asset, ImportReport, Place, Product
from chalicelib.edge import cloudevents, meters, partner, tariffs
from chalicelib.edge.call import Call, read_object
from chalicelib.edge.door import Door
from chalicelib.edge.key_callers import partner as by_api_key
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.wiring import Wiring
from chalicelib.kernel.errors import Refusal
from chalicelib.metering.defining import define_meter, meter_of
from chalicelib.metering.meters import Meter
from chalicelib.metering.model import Answer, Event
from chalicelib.metering.service import ingest
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import IssuedKey, issue_key, revoke_key
from chalicelib.rating import Tariff

wired = Wiring()
app = Door("partner", wired=lambda: wired, authenticate=by_api_key)
app.api.binary_types += [cloudevents.SINGLE, cloudevents.BATCH]


@app.put("/v1/places/{place_id}", takes=partner.PlaceBody, shows=partner.show_place)
def put_place(call: Call[ApiKey, partner.PlaceBody], place_id: str) -> Place:
    """Store or replace a place."""
    place = partner.place_of(call.caller.partner_id, place_id, call.body)
    return catalogue.put_place(place, catalogue=wired.catalogue, commit=call.commit)


@app.put("/v1/places", takes=partner.PlacesBody, shows=partner.show_import, most_bytes=partner.MOST_BYTES)
def put_places(call: Call[ApiKey, partner.PlacesBody]) -> list[ImportReport]:
    """Import up to 500 places, with a report for each."""

    def store(row: partner.PlaceRow) -> Place:
        place = partner.place_of(call.caller.partner_id, row.place_id, row)
        return catalogue.put_place(place, catalogue=wired.catalogue, commit=call.commit)

    return catalogue.import_rows([(row.place_id, partial(store, row)) for row in call.body.places])


@app.get("/v1/places", query=PageQuery)
def places(call: Call[ApiKey, None]) -> Page[partner.PlaceShown]:
    """My places."""
    rows = wired.catalogue.places(call.caller.partner_id, limit=call.query.limit, after=call.query.after)
    return paged(rows, call.query, partner.show_place, lambda place: place.place_id)


@app.get("/v1/places/{place_id}", shows=partner.show_place)
def place(call: Call[ApiKey, None], place_id: str) -> Place:
    """One of my places."""
    found = wired.catalogue.place(call.caller.partner_id, place_id)
    if found is None:
        raise UnknownPlace(place_id=place_id)
    return found


@app.put("/v1/products/{product_id}", takes=partner.ProductBody, shows=partner.show_product)
def put_product(call: Call[ApiKey, partner.ProductBody], product_id: str) -> Product:
    """Store or replace a product; its published tariff stays."""
    product = partner.product_of(call.caller.partner_id, product_id, call.body)
    return catalogue.put_product(product, catalogue=wired.catalogue, commit=call.commit)


@app.get("/v1/products", query=PageQuery)
def products(call: Call[ApiKey, None]) -> Page[partner.ProductShown]:
    """My products."""
    rows = wired.catalogue.products(call.caller.partner_id, limit=call.query.limit, after=call.query.after)
    return paged(rows, call.query, partner.show_product, lambda product: product.product_id)


@app.get("/v1/products/{product_id}", shows=partner.show_product)
def product(call: Call[ApiKey, None], product_id: str) -> Product:
    """One of my products."""
    found = wired.catalogue.product(call.caller.partner_id, product_id)
    if found is None:
        raise UnknownProduct(product_id=product_id)
    return found


@app.post(
    "/v1/products/{product_id}/tariffs",
    takes=tariffs.TariffRules,
    reads=read_object,
    shows=tariffs.show_tariff,
    status=201,
)
def publish_tariff(call: Call[ApiKey, dict[str, object]], product_id: str) -> Tariff:
    """Publish the product's next tariff version; every error in its rules is told, with its place."""
    return catalogue.publish_tariff(
        call.caller.partner_id,
        product_id,
        call.body,
        currency=wired.settings.currency,
        catalogue=wired.catalogue,
        commit=call.commit,
    )


@app.put("/v1/assets/{asset_id}", takes=partner.AssetBody, shows=partner.show_asset)
def put_asset(call: Call[ApiKey, partner.AssetBody], asset_id: str) -> Asset:
    """Store or replace an asset with its code."""
    asset = partner.asset_of(call.caller.partner_id, asset_id, call.body)
    return catalogue.put_asset(asset, catalogue=wired.catalogue, commit=call.commit)


@app.put("/v1/assets", takes=partner.AssetsBody, shows=partner.show_import, most_bytes=partner.MOST_BYTES)
def put_assets(call: Call[ApiKey, partner.AssetsBody]) -> list[ImportReport]:
    """Import up to 500 assets, with a report for each."""

    def store(row: partner.AssetRow) -> Asset:
        asset = partner.asset_of(call.caller.partner_id, row.asset_id, row)
        return catalogue.put_asset(asset, catalogue=wired.catalogue, commit=call.commit)

    return catalogue.import_rows([(row.asset_id, partial(store, row)) for row in call.body.assets])


@app.get("/v1/assets", query=PageQuery)
def assets(call: Call[ApiKey, None]) -> Page[partner.AssetShown]:
    """My assets."""
    rows = wired.catalogue.assets(call.caller.partner_id, limit=call.query.limit, after=call.query.after)
    return paged(rows, call.query, partner.show_asset, lambda asset: asset.asset_id)


@app.get("/v1/assets/{asset_id}", shows=partner.show_asset)
def asset(call: Call[ApiKey, None], asset_id: str) -> Asset:
    """One of my assets."""
    found = wired.catalogue.asset(call.caller.partner_id, asset_id)
    if found is None:
        raise UnknownAsset(asset_id=asset_id)
    return found


@app.get("/v1/assets/{asset_id}/sessions", shows=partner.show_partner_sessions)
def sessions_on_asset(call: Call[ApiKey, None], asset_id: str) -> list[AccessSession]:
    """The sessions that are open on one of my assets: what events about it are to name as their subject."""
    opened = wired.sessions.open_on(f"{call.caller.partner_id}/{asset_id}")
    return list(wired.sessions.many(opened).values())


@app.post(
    "/v1/events",
    takes=list[cloudevents.CloudEvent],
    reads=cloudevents.read_events,
    shows=cloudevents.show_answers,
    media_types=(cloudevents.BATCH, cloudevents.SINGLE),
    idempotent=False,
)
def report_events(call: Call[ApiKey, list[cloudevents.Row]]) -> list[tuple[str, Answer | Refusal]]:
    """Report use and signals. Event ids make a repeat harmless, so it takes no Idempotency-Key."""
    valid = [event for _, event in call.body if isinstance(event, Event)]
    answers = iter(
        ingest(
            valid,
            partner_id=call.caller.partner_id,
            zone=wired.settings.zone,
            heads=wired.heads,
            subjects=MeteredSessions(wired.sessions, call.now),
            now=call.now,
            commit=call.commit,
            pause=wired.pause,
        )
    )
    return [(event_id, event if isinstance(event, Refusal) else next(answers)) for event_id, event in call.body]


@app.put("/v1/meters/{name}", takes=meters.MeterBody, shows=meters.show_meter)
def put_meter(call: Call[ApiKey, meters.MeterBody], name: str) -> Meter:
    """Define a meter; another definition is its next version, for what begins to be counted from now on."""
    meter = meters.meter_from(name, call.body)
    return define_meter(call.caller.partner_id, meter, heads=wired.heads, commit=call.commit)


@app.get("/v1/meters", shows=meters.show_meters)
def my_meters(call: Call[ApiKey, None]) -> Mapping[str, Meter]:
    """My meters, in their newest version."""
    return wired.heads.meters(call.caller.partner_id)


@app.get("/v1/meters/{name}", query=meters.MeterQuery, shows=meters.show_meter)
def my_meter(call: Call[ApiKey, None], name: str) -> Meter:
    """One of my meters."""
    return meter_of(call.caller.partner_id, name, heads=wired.heads, version=call.query.version)


@app.get("/v1/keys", shows=partner.show_keys)
def keys(call: Call[ApiKey, None]) -> list[ApiKey]:
    """My API keys, without their secrets."""
    return list(wired.partners.keys_of(call.caller.partner_id))


@app.post("/v1/keys", takes=partner.KeyBody, shows=partner.show_new_key, saves=partner.show_new_key_again, status=201)
def add_key(call: Call[ApiKey, partner.KeyBody]) -> IssuedKey:
    """One more API key; its text is shown this once."""
    return issue_key(
        call.caller.partner_id,
        call.body.label,
        partners=wired.partners,
        maker=wired.key_maker,
        now=call.now,
        commit=call.commit,
    )


@app.delete("/v1/keys/{key_id}", shows=partner.show_key)
def drop_key(call: Call[ApiKey, None], key_id: str) -> ApiKey:
    """Revoke one of my keys; it is refused from the next call on."""
    return revoke_key(call.caller.partner_id, key_id, partners=wired.partners, now=call.now, commit=call.commit)
