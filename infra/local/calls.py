"""Notes which AWS calls each door makes, as IAM sees them: policies can then be compared with what is used."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.client import BaseClient
from botocore.signers import RequestSigner

from infra.cloudformation import ACCOUNT

_OF_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_OTHERWISE_CALLED = {
    "s3": {
        "HeadObject": "GetObject",
        "HeadBucket": "ListBucket",
        "ListObjects": "ListBucket",
        "ListObjectsV2": "ListBucket",
        "CreateMultipartUpload": "PutObject",
        "UploadPart": "PutObject",
        "CompleteMultipartUpload": "PutObject",
    },
    "sqs": {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"},
}
_READS = ("Get", "Describe", "List", "Query", "Scan", "Head", "BatchGet", "TransactGet", "Receive")
_NAMES = ("Bucket", "GroupName", "QueueUrl", "QueueName", "Name", "KeyId", "TableName")


@dataclass(frozen=True)
class AtWork:
    """Whose code is running: the door, and which of its functions."""

    door: str
    function: str = "api"


_at_work: ContextVar[AtWork | None] = ContextVar("at_work", default=None)


@contextmanager
def at_work(door: str, function: str = "api") -> Iterator[None]:
    """While inside, AWS calls of this thread count as that function's."""
    before = _at_work.set(AtWork(door, function))
    try:
        yield
    finally:
        _at_work.reset(before)


def who_works() -> AtWork | None:
    """Whose code is running in this thread, if it is a function's."""
    return _at_work.get()


@dataclass
class CallRecord:
    """The calls made so far: `(door, action, resource)`, as in `("mobile", "dynamodb:GetItem", "catalogue")`.

    `written` counts the calls that changed something, by table, queue or bucket, whoever made them: while a count
    stands still, that stream or queue has no news.
    """

    stage: str
    written: Counter[str] = field(default_factory=Counter)
    _calls: set[tuple[AtWork, str, str]] = field(default_factory=set)

    def recorded(self) -> frozenset[tuple[str, str, str]]:
        """Each call once, by door. Tables, queues and buckets by their short names."""
        return frozenset((who.door, action, resource) for who, action, resource in self._snapshot())

    def recorded_by_function(self) -> frozenset[tuple[str, str, str, str]]:
        """The same, with the function of the door: `api` or the name of an event handler."""
        return frozenset((who.door, who.function, action, resource) for who, action, resource in self._snapshot())

    def forget(self) -> None:
        """Begin anew."""
        self._calls.clear()

    def _snapshot(self) -> list[tuple[AtWork, str, str]]:
        return list(self._calls.copy())

    def note(self, service: str, operation: str, request: dict[str, Any]) -> None:
        """Add one call, if a door is at work."""
        who = who_works()
        if who is not None:
            self._calls.update(
                (who, action, self._short(name)) for action, name in rights_of(service, operation, request)
            )

    def wrote(self, service: str, operation: str, request: dict[str, Any]) -> None:
        """Count what a call has changed, once it is done."""
        if not operation.startswith(_READS):
            self.written.update({self._short(name) for _, name in rights_of(service, operation, request)})

    def written_to(self, name: str) -> int:
        """How many calls have changed something of that table, queue, bucket or group."""
        return self.written[self._short(name)]

    def _short(self, name: str) -> str:
        return name.removeprefix(f"adgang-{self.stage}-").removesuffix(f"-{ACCOUNT}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While inside, every call of every botocore client is noted, and every link that is signed."""
        call: Callable[..., Any] = BaseClient._make_api_call  # noqa: SLF001 -- the one place that every call passes
        sign: Callable[..., Any] = RequestSigner.generate_presigned_url

        def noted_call(client: Any, operation: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 -- botocore's
            what = (client.meta.service_model.service_name, operation, request)
            self.note(*what)
            try:
                return call(client, operation, request)
            finally:
                self.wrote(*what)

        def noted_link(signer: Any, request_dict: dict[str, Any], operation_name: str, **named: Any) -> Any:  # noqa: ANN401 -- botocore's
            self.note("s3", operation_name, _signed(request_dict["url"]))
            return sign(signer, request_dict, operation_name, **named)

        with (
            patch.object(BaseClient, "_make_api_call", noted_call),
            patch.object(RequestSigner, "generate_presigned_url", noted_link),
        ):
            yield


def _signed(address: str) -> dict[str, Any]:
    """What a signed link asks for, as far as rights go by it."""
    asked = {"Bucket": _bucket(address)}
    version = dict(parse_qsl(urlsplit(address).query)).get("versionId")
    return asked | ({"VersionId": version} if version else {})


def _bucket(address: str) -> str:
    parts = urlsplit(address)
    host, dot, _ = parts.netloc.partition(".s3.")
    return host if dot else unquote(parts.path).removeprefix("/local/objects").split("/")[1]


def rights_of(service: str, operation: str, request: dict[str, Any]) -> set[tuple[str, str]]:
    """The rights that a call needs: `(action, resource)`; a transaction needs those of its parts."""
    if service == "dynamodb" and operation in ("TransactWriteItems", "TransactGetItems"):
        return {
            (f"dynamodb:{_OF_A_TRANSACTION[kind]}", part["TableName"])
            for item in request["TransactItems"]
            for kind, part in item.items()
        }
    if service == "dynamodb" and operation in ("BatchGetItem", "BatchWriteItem"):
        return {(f"dynamodb:{operation}", table) for table in request["RequestItems"]}
    action = _OTHERWISE_CALLED.get(service, {}).get(operation, operation)
    of_version = "Version" if service == "s3" and action == "GetObject" and "VersionId" in request else ""
    rights = {(f"{service}:{action}{of_version}", _resource(request))}
    if service == "s3" and "ObjectLockMode" in request:
        rights.add(("s3:PutObjectRetention", _resource(request)))
    return rights


def _resource(request: dict[str, Any]) -> str:
    for name in _NAMES:
        if name in request:
            return str(request[name]).rsplit("/", 1)[-1] if name == "QueueUrl" else str(request[name])
    return json.dumps(sorted(request["Names"])) if "Names" in request else "*"
