"""Loading an operator's file into a running system, through the doors that operators and partners use.

Loaded again it changes nothing. What has an id is put under it. A tariff is published only if it says something else
than the newest version; shares, tax and caps are stated, for the month to come, only if others hold then. A partner's
id and key are made once and kept in a file, since a key is shown once: without that file, a further key is made.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.edge.call import json_pointer
from chalicelib.edge.fare_caps import FareCapBody, FareCapsBody, fare_caps_of, show_fare_caps
from chalicelib.edge.share_shapes import RateBody, ShareBody, TaxRatesBody, rates_of, rule_of, show_rates
from chalicelib.kernel.time import Month
from chalicelib.rating import tariff_document
from infra.local.client import Client, RefusedError
from infra.local.operators.errors import OperatorFileError, faults_told
from infra.local.operators.reading import OperatorFile, tariff_of
from infra.local.operators.shapes import PartnerPart

Json = Any
Say = Callable[[str], object]
_OWN = ("tariff", "fares")
_ONLY_OWNER = 0o600
_NOT_THERE = (401, 403, 404)


@dataclass(frozen=True, slots=True)
class Key:
    """A partner as the system knows it, and what its backend calls with; `devices` are the keys of its things."""

    partner_id: str
    key: str
    devices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the system is: staff of the groups operator and finance at the finance door, the partner door's address."""

    staff: Client
    partner: str

    def as_partner(self, key: str) -> Client:
        """A partner's backend. Each load is an act of its own, so its keys for repeats are new."""
        return Client(self.partner, key, f"load-{uuid.uuid4()}")


class Loader:
    """Loads one file; `month` is the month to come, from which on shares, tax and caps hold.

    `keys` are those of the partners that are there by now, also where the rest could not be loaded.
    """

    def __init__(self, file: OperatorFile, doors: Doors, month: Month, say: Say) -> None:
        self._file, self._doors, self._month, self._say = file, doors, month, say
        self._document, self._read = file.document, file.read
        self._currency = file.read.stage.get("ADGANG_CURRENCY", "EUR")
        self.keys: dict[str, Key] = {}

    def load(self, known: Mapping[str, Key]) -> dict[str, Key]:
        """All of it, in an order in which each part finds what it needs; the partners' keys."""
        for name in sorted(self._read.categories, key=self._depth):
            self._put(json_pointer("categories", name), f"/v1/categories/{name}")
        for name in self._read.sellers:
            self._put(json_pointer("sellers", name), f"/v1/sellers/{name}")
        for name, part in self._read.partners.items():
            self._partner(name, part, known.get(name))
        ids = {name: key.partner_id for name, key in self.keys.items()}
        self._state_money(ids)
        for version in self._read.terms:
            self._put(json_pointer("terms", version), f"/v1/terms/{version}")
        for plan_id in self._read.plans:
            self._plan(plan_id, ids)
        return self.keys

    def _plan(self, plan_id: str, ids: Mapping[str, str]) -> None:
        """Publishing says the next version, or that there is nothing new."""
        body = self._document["plans"][plan_id]
        fares = {_known_as(product, ids): fare for product, fare in body.get("fares", {}).items()}
        staff, at = self._doors.staff, json_pointer("plans", plan_id)
        self._asked(at, lambda: staff.put(f"/v1/plans/{plan_id}", {**body, "fares": fares}))

    def _depth(self, category: str) -> int:
        parent, depth = self._read.categories[category].parent, 0
        while parent is not None and depth <= len(self._read.categories):
            parent, depth = self._read.categories[parent].parent, depth + 1
        return depth

    def _put(self, pointer: str, path: str) -> None:
        body: Json = self._document
        for step in pointer.split("/")[1:]:
            body = body[step.replace("~1", "/").replace("~0", "~")]
        self._asked(pointer, lambda: self._doors.staff.put(path, body))

    def _asked(self, pointer: str, call: Callable[[], Json], within: str = "") -> Json:
        """A door's answer; what it refuses is told with its place in the file, which its body has `within` a member."""
        try:
            return call()
        except RefusedError as refused:
            raise OperatorFileError(self._file.name, faults_told(refused.body, pointer, within)) from refused

    def _partner(self, name: str, part: PartnerPart, known: Key | None) -> None:
        at = json_pointer("partners", name)
        key = self.keys[name] = self._good(known) or self._new_key(name, at)
        with closing(self._doors.as_partner(key.key)) as backend:
            for device in part.devices:
                if device not in key.devices:
                    made = self._asked(f"{at}/devices", partial(_device_key, backend, device))
                    key = self.keys[name] = replace(key, devices={**key.devices, device: made["key"]})
            self._offer(at, name, part, backend)
        self._share(name, key.partner_id, part.share)
        self._say(f"{part.name}: {key.partner_id}, {len(part.products)} products, {len(part.assets)} assets")

    def _good(self, known: Key | None) -> Key | None:
        """The key that was kept; if it opens nothing any more, another one; none if this system has no such partner."""
        if known is None:
            return None
        with closing(self._doors.as_partner(known.key)) as backend:
            if _works(lambda: backend.get("/v1/keys")):
                return known
        made: list[Json] = []
        path = f"/v1/partners/{known.partner_id}/keys"
        if not _works(lambda: made.append(self._doors.staff.post(path, {"label": "loaded"}))):
            return None
        return Key(known.partner_id, made[0]["key"], known.devices)

    def _new_key(self, name: str, at: str) -> Key:
        """The partner is made under a key of its own name, so that a load that broke off makes no second one."""
        staff, path = self._doors.staff, "/v1/partners"
        act, body = f"operator-{self._read.operator}-{name}", {"name": self._read.partners[name].name}
        made = self._asked(f"{at}/name", lambda: staff.call("POST", path, body, key=act))
        partner_id, text = str(made["partner"]["partner_id"]), made["key"].get("key")
        if not text:
            text = self._asked(at, lambda: staff.post(f"{path}/{partner_id}/keys", {"label": "loaded"}))["key"]
        return Key(partner_id, str(text), {})

    def _offer(self, at: str, name: str, part: PartnerPart, backend: Client) -> None:
        whole = self._document["partners"][name]
        for meter in part.meters:
            self._stored(f"{at}/meters", meter, whole["meters"], backend)
        for place in part.places:
            self._stored(f"{at}/places", place, whole["places"], backend)
        for product in part.products:
            self._product(f"{at}/products", product, whole["products"][product], backend)
        for asset in part.assets:
            self._stored(f"{at}/assets", asset, whole["assets"], backend)

    def _stored(self, at: str, name: str, entries: Mapping[str, Json], backend: Client) -> None:
        what = at.rpartition("/")[2]
        path = f"/v1/{what}/{name}"
        self._asked(at + json_pointer(name), lambda: backend.put(path, entries[name]))

    def _product(self, at: str, name: str, whole: Mapping[str, Json], backend: Client) -> None:
        path, where = f"/v1/products/{name}", at + json_pointer(name)
        body = {member: value for member, value in whole.items() if member not in _OWN}
        shown = self._asked(where, lambda: backend.put(path, body))
        tariffs = [("/tariff", f"{path}/tariffs", shown["tariff_version"], whole["tariff"])]
        for fare, rules in whole.get("fares", {}).items():
            newest = shown["fares"].get(fare, 0)
            tariffs.append((json_pointer("fares", fare), f"{path}/fares/{fare}/tariffs", newest, rules))
        for pointer, address, newest, rules in tariffs:
            if not newest or not _says_the_same(backend.get(f"{address}/{newest}"), rules, whole["zone"]):
                self._asked(where + pointer, partial(backend.post, address, rules))

    def _share(self, name: str, partner_id: str, share: ShareBody | None) -> None:
        if share is None:
            return
        staff, path = self._doors.staff, f"/v1/partners/{partner_id}/share"
        held = [each for each in staff.get(f"{path}s") if each["since"] <= str(self._month)]
        if held and rule_of(_share_of(held[-1]), self._currency) == rule_of(share, self._currency):
            return
        body = self._document["partners"][name]["share"]
        at = json_pointer("partners", name, "share")
        self._asked(at, lambda: staff.put(f"{path}/{self._month}", body))

    def _state_money(self, ids: Mapping[str, str]) -> None:
        """Tax and caps, with the partners' own ids."""
        staff, read = self._doors.staff, self._read
        rates = [msgspec.structs.replace(each, product=_known_as(each.product, ids)) for each in read.tax]
        path = f"/v1/tax-rates/{self._month}"
        if rates and self._rates(rates) != msgspec.convert(staff.get(path)["rates"], list[RateBody]):
            self._asked("/tax", lambda: staff.put(path, {"rates": _without_nothing(rates)}), "/rates")
        caps = [msgspec.structs.replace(each, product=_known_as(each.product, ids) or "") for each in read.caps]
        path = f"/v1/fare-caps/{self._month}"
        if caps and self._caps(caps) != msgspec.convert(staff.get(path)["caps"], list[FareCapBody]):
            self._asked("/caps", lambda: staff.put(path, {"caps": msgspec.to_builtins(caps)}), "/caps")

    def _rates(self, rates: list[RateBody]) -> list[RateBody]:
        """As the door would show them."""
        return show_rates(
            rates_of(
                self._month, TaxRatesBody(rates), "", datetime(self._month.year, self._month.number, 1, tzinfo=UTC)
            )
        ).rates

    def _caps(self, caps: list[FareCapBody]) -> list[FareCapBody]:
        return show_fare_caps(fare_caps_of(self._month, FareCapsBody(caps), self._currency)).caps


def keys_in(path: Path) -> dict[str, Key]:
    """The keys that an earlier load kept, or none."""
    if not path.exists():
        return {}
    return {name: Key(**each) for name, each in json.loads(path.read_text(encoding="utf-8")).items()}


def keep_keys(path: Path, keys: Mapping[str, Key]) -> None:
    """Keep them where their owner alone can read them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=_ONLY_OWNER)
    path.write_text(json.dumps({name: asdict(key) for name, key in keys.items()}, indent=2) + "\n", encoding="utf-8")


def _works(call: Callable[[], object]) -> bool:
    """Whether the caller is known there, and what it names is."""
    try:
        call()
    except RefusedError as refused:
        if refused.status in _NOT_THERE:
            return False
        raise
    return True


def _device_key(backend: Client, device: str) -> Json:
    return backend.post("/v1/keys", {"label": device[:40], "device_id": device})


def _says_the_same(shown: Mapping[str, Json], rules: Mapping[str, Json], zone: str) -> bool:
    """Whether the newest version says what the file does; a fare that names no beginning has that of its publishing."""
    tariff_id, version = shown["tariff_id"], shown["version"]
    published = tariff_document(tariff_of(shown["rules"], tariff_id, version, zone))
    wanted = tariff_document(tariff_of(rules, tariff_id, version, zone))
    if "valid_from" not in wanted:
        published.pop("valid_from", None)
    return published == wanted


def _share_of(shown: Mapping[str, Json]) -> ShareBody:
    stated = {name: value for name, value in shown.items() if name in ShareBody.__struct_fields__}
    return msgspec.convert(stated, ShareBody)


def _known_as(product: str | None, ids: Mapping[str, str]) -> str | None:
    if not product:
        return None
    partner, _, name = product.partition(":")
    return f"{ids[partner]}:{name}"


def _without_nothing(rates: list[RateBody]) -> list[Json]:
    rows: list[dict[str, Json]] = msgspec.to_builtins(rates)
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
