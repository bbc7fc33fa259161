"""Media types of bodies other than JSON's own; API Gateway hands those on as bytes."""

from typing import Final

SINGLE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
CSV: Final = "text/csv"
