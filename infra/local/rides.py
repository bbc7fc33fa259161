"""The demo's real input: bike stations and rides of one night in Helsinki (see `data/README.md` for the source)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Europe/Helsinki"
CUSTOMERS = 20
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Ride:
    """One ride; `number` is its place in the file, and its bike and its customer follow from it."""

    number: int
    departure: datetime
    returned: datetime
    from_station: str
    to_station: str
    duration_s: int

    @property
    def customer(self) -> int:
        """Who rode."""
        return self.number % CUSTOMERS

    @property
    def bike(self) -> str:
        """A bike of its own for each ride."""
        return f"bike-{self.number:03d}"

    @property
    def code(self) -> str:
        """What stands on the bike."""
        return f"HEL-{self.number:04d}"


def rides(most: int | None = None) -> list[Ride]:
    """The rides in file order; the first `most` of them, if given."""
    with (_DATA / "helsinki-trips-2021-05-31.csv").open(encoding="utf-8", newline="") as file:
        found = [_ride(number, row) for number, row in enumerate(csv.DictReader(file))]
    return found[:most]


def stations(found: list[Ride], most: int | None = None) -> list[dict[str, Any]]:
    """The stations as the partner door takes places: all of the city's, or those of `most` rides."""
    theirs = {each.from_station for each in found} | {each.to_station for each in found}
    with (_DATA / "helsinki-stations.csv").open(encoding="utf-8", newline="") as file:
        return [
            {
                "place_id": row["station_id"],
                "name": row["name_fi"],
                "address": row["address"].strip(),
                "capacity": int(row["capacity"]),
                "latitude": row["latitude"],
                "longitude": row["longitude"],
            }
            for row in csv.DictReader(file)
            if most is None or row["station_id"] in theirs
        ]


def happenings(found: list[Ride]) -> Iterator[tuple[datetime, str, Ride]]:
    """Departures and returns in order of time; of one instant returns first, then file order."""
    both = [(ride.departure, 1, "departure", ride) for ride in found]
    both += [(ride.returned, 0, "return", ride) for ride in found]
    for at, _, what, ride in sorted(both, key=lambda each: (each[0], each[1], each[3].number)):
        yield at, what, ride


def _ride(number: int, row: dict[str, str]) -> Ride:
    return Ride(
        number=number,
        departure=_instant(row["departure"]),
        returned=_instant(row["return"]),
        from_station=row["departure_station_id"],
        to_station=row["return_station_id"],
        duration_s=int(row["duration_s"]),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
