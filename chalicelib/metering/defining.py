"""Define a meter. A definition is never changed: another one is the next version, and counts from the next month on."""

from dataclasses import replace

from chalicelib.kernel.writes import Commit
from chalicelib.metering.errors import MetersChanged, TooManyMeters, UnknownMeter
from chalicelib.metering.meters import Meter
from chalicelib.metering.ports import Heads

MOST_METERS = 100
_TRIES = 6


def define_meter(partner_id: str, meter: Meter, *, heads: Heads, commit: Commit) -> Meter:
    """The meter with its version. The definition in force, sent again, changes nothing."""
    meter.check()
    for _ in range(_TRIES):
        defined = heads.meters(partner_id)
        before = defined.get(meter.name)
        if before is None and len(defined) >= MOST_METERS:
            raise TooManyMeters(most=MOST_METERS)
        if before is not None and replace(meter, version=before.version) == before:
            return before
        new = replace(meter, version=before.version + 1 if before else 1)
        try:
            return commit(heads.defining(partner_id, {**defined, meter.name: new}, new), new)
        except MetersChanged:
            continue
    raise MetersChanged(meter=meter.name)


def meter_of(partner_id: str, name: str, *, heads: Heads, version: int | None = None) -> Meter:
    """The newest version of a meter, or the one that is asked for."""
    found = heads.meters(partner_id).get(name)
    if version is not None and found is not None and version != found.version:
        found = heads.meter_version(partner_id, name, version)
    if found is None:
        raise UnknownMeter(meter=name[:64])
    return found
