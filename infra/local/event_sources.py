"""What wakes a handler, and how: read from the app's decorators and from its CloudFormation merge template."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice.app import DynamoDBEventConfig, SQSEventConfig

from infra.local.apps import LoadedApp
from infra.local.calls import at_work

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
_DEFAULT_RETRIES = 10
_STREAM = re.compile(r"adgang-\$\{\w+\}-([a-z-]+)-stream-arn")
_QUEUE = re.compile(r"adgang-\$\{\w+\}-([a-z-]+)-arn")

Event = dict[str, Any]
Invoke = Callable[[Event], Any]


@dataclass(frozen=True)
class EventSource:
    """A handler with what it is woken by: `source` is the short name of a table or of a queue."""

    handler: str
    source: str
    invoke: Invoke
    batch_size: int = 100
    retries: int = _DEFAULT_RETRIES
    filters: tuple[Mapping[str, Any], ...] = ()

    def wants(self, record: Event) -> bool:
        """Whether the record passes one of the filters, or there are none."""
        return not self.filters or any(passes(pattern, record) for pattern in self.filters)


def stream_sources(loaded: LoadedApp) -> list[EventSource]:
    """The app's handlers of DynamoDB streams."""
    return [
        _source(loaded, config, _short(config.stream_arn, _STREAM))
        for config in loaded.app.event_sources
        if isinstance(config, DynamoDBEventConfig)
    ]


def queue_sources(loaded: LoadedApp) -> list[EventSource]:
    """The app's handlers of queues."""
    return [
        _source(loaded, config, _short(config.queue_arn, _QUEUE))
        for config in loaded.app.event_sources
        if isinstance(config, SQSEventConfig)
    ]


def invoker(loaded: LoadedApp, handler: str) -> Invoke:
    """Calls a handler as Lambda does: with what survives JSON, and its AWS calls noted as its own."""

    def invoke(event: Event) -> Any:  # noqa: ANN401 -- what a handler answers
        with at_work(loaded.name, handler):
            result = loaded.handler(handler)(json.loads(json.dumps(event)), loaded.context(handler))
        return json.loads(json.dumps(result))

    return invoke


def failed_items(result: object, known: Sequence[str]) -> set[str]:
    """The ids that a handler reports as failed; all of them when it reports one that it was not given."""
    reported = result.get("batchItemFailures") if isinstance(result, dict) else None
    failed = {str(each.get("itemIdentifier") or "") for each in reported or []}
    return set(known) if failed - set(known) else failed


def passes(pattern: Mapping[str, Any], value: object) -> bool:
    """Whether a Lambda event filter lets the value through: literals, prefix, exists, anything-but."""
    return all(
        _fits(expected, value.get(name) if isinstance(value, dict) else None) for name, expected in pattern.items()
    )


def _fits(expected: object, value: object) -> bool:
    if isinstance(expected, dict):
        return passes(expected, value)
    if isinstance(expected, list):
        return any(_rule_fits(rule, value) for rule in expected)
    raise ValueError(f"a filter's leaf is a list, not {expected!r}")


def _rule_fits(rule: object, value: object) -> bool:
    match rule:
        case {"prefix": str(prefix)}:
            return isinstance(value, str) and value.startswith(prefix)
        case {"exists": bool(wanted)}:
            return (value is not None) == wanted
        case {"anything-but": list(others)}:
            return value not in others
        case dict():
            raise ValueError(f"the local run does not know the filter {rule!r}")
        case _:
            return value == rule


def _source(loaded: LoadedApp, config: Any, source: str) -> EventSource:  # noqa: ANN401 -- one of two of Chalice's
    settings = template_properties(loaded.name, config.name)
    patterns = [json.loads(each["Pattern"]) for each in settings.get("FilterCriteria", {}).get("Filters", [])]
    return EventSource(
        handler=config.name,
        source=source,
        invoke=invoker(loaded, config.name),
        batch_size=config.batch_size,
        retries=int(settings.get("MaximumRetryAttempts", _DEFAULT_RETRIES)),
        filters=tuple(patterns),
    )


def template_properties(app: str, handler: str) -> dict[str, Any]:
    """The properties of the handler's event source in the merge template; none where there is no template."""
    path = _TEMPLATES / f"{app}.json"
    if not path.is_file():
        return {}
    logical = "".join(piece.title() for piece in handler.split("_"))
    resource = json.loads(path.read_text(encoding="utf-8"))["Resources"].get(logical, {})
    events = resource.get("Properties", {}).get("Events", {})
    return next((each["Properties"] for each in events.values()), {})


def _short(reference: object, pattern: re.Pattern[str]) -> str:
    """The table or queue that an import names: `adgang-${Stage}-outbox-stream-arn` is `outbox`."""
    found = pattern.search(json.dumps(reference))
    if found is None:
        raise LookupError(f"no template exports {json.dumps(reference)}: expected a name like {pattern.pattern}")
    return found.group(1)
