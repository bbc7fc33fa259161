"""moto and botocore made quicker where their time goes, with the same answers: what runs a thousand times a second.

A query of moto's sorts all of the table before it looks for its partition, and each attribute of an answer is looked
for under ten names. A hundred rides took twice as long so.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from botocore import useragent
from botocore.regions import EndpointRulesetResolver
from botocore.signers import RequestSigner
from joserfc.jwk import RSAKey
from moto.core import responses
from moto.core.serialize import ResponseSerializer
from moto.core.utils import method_names_from_class
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

from infra.local.patching import patched

_INDEX_NAME = 6
"""Its place among what `Table.query` takes after the hash key."""
_MOST_BYTES = 405_000
"""As moto has it, between 400 KB and what DynamoDB takes."""
_ENDPOINT: Callable[..., Any] = EndpointRulesetResolver.construct_endpoint
_SIGN: Callable[..., None] = RequestSigner.handler
_METHOD_NAMES: Callable[[Any], list[str]] = method_names_from_class
_IMPORT_KEY = RSAKey.import_key
_WHOLE: Callable[[Any], list[Any]] = Table.all_items
_SIZE: Callable[[Any], int] = DynamoType.size
_QUERY: Callable[..., Any] = Table.query
_STRUCTURE: Callable[..., None] = ResponseSerializer._serialize_type_structure  # noqa: SLF001 -- every answer passes it


@contextmanager
def quicker() -> Iterator[None]:
    """While inside, calls take less time. It is safe under the engine's lock only."""
    spell = lru_cache(maxsize=256)(useragent.sanitize_user_agent_string_component)
    with patched(
        (useragent, "sanitize_user_agent_string_component", spell),
        (responses, "method_names_from_class", lru_cache(_METHOD_NAMES)),
        (EndpointRulesetResolver, "construct_endpoint", _endpoint),
        (RequestSigner, "handler", _sign),
        (RSAKey, "import_key", _imported),
        (Item, "__init__", _item),
        (DynamoType, "size", _size),
        (Table, "query", _query),
        (Table, "all_items", _all_items),
        (ResponseSerializer, "_serialize_type_structure", _serialize_structure),
    ):
        yield


def _endpoint(resolver: Any, operation_model: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 -- botocore's
    """Where a client finds DynamoDB is the same at each call: no address of the local run has the account in it."""
    if operation_model.service_model.service_name not in ("dynamodb", "dynamodbstreams"):
        return _ENDPOINT(resolver, operation_model, *args, **named)
    found = resolver.__dict__.setdefault("found", {})
    if operation_model.name not in found:
        found[operation_model.name] = _ENDPOINT(resolver, operation_model, *args, **named)
    return found[operation_model.name]


def _sign(signer: Any, operation_name: Any = None, request: Any = None, **named: Any) -> None:  # noqa: ANN401 -- botocore's
    """Who calls is all that moto reads of a signature of DynamoDB's: it checks none."""
    if signer.signing_name != "dynamodb" or not request.url.startswith("https://"):
        _SIGN(signer, operation_name, request, **named)
        return
    key = signer._credentials.access_key  # noqa: SLF001 -- as above
    scope = f"{key}/20210101/{signer.region_name}/dynamodb/aws4_request"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"


@lru_cache(maxsize=4)
def _key_of(text: str) -> RSAKey:
    return _IMPORT_KEY(json.loads(text))


def _imported(document: Any, *args: Any, **named: Any) -> RSAKey:  # noqa: ANN401 -- as joserfc takes it
    """Each pool of moto's imports the same key, and finds its primes anew each time."""
    plain = isinstance(document, dict) and not (args or named)
    return _key_of(json.dumps(document)) if plain else _IMPORT_KEY(document, *args, **named)


def _item(item: Any, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:  # noqa: ANN401 -- moto's own types
    """What is there already is added up by moto at each attribute that it adds; the sum at the end is the same."""
    item.hash_key, item.range_key, item.attrs = hash_key, range_key, LimitedSizeDict()
    dict.update(item.attrs, {name: DynamoType(value) for name, value in attrs.items()})
    if item.size() > _MOST_BYTES:
        raise ItemSizeTooLarge


def _size(value: Any) -> int:  # noqa: ANN401 -- as above
    """Of text and numbers, nearly all that there is, without asking what else it might be."""
    if value.type in ("S", "N") and type(value.value) is str:
        return len(value.value.encode())
    return int(_SIZE(value))


def _query(table: Any, hash_key: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 -- moto's own types
    """One of the table itself looks at its partition alone, and sorts that itself."""
    index_name = named.get("index_name", args[_INDEX_NAME] if len(args) > _INDEX_NAME else None)
    if index_name or not table.range_key_attr:
        return _QUERY(table, hash_key, *args, **named)
    table.looked_at = table.items.get(hash_key, {})
    try:
        return _QUERY(table, hash_key, *args, **named)
    finally:
        del table.looked_at


def _all_items(table: Any) -> list[Any]:  # noqa: ANN401 -- as above
    partition = getattr(table, "looked_at", None)
    return _WHOLE(table) if partition is None else list(partition.values())


def _serialize_structure(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:  # noqa: ANN401 -- as above
    """An attribute's value has one member of ten, by the name that it has."""
    if shape.name != "AttributeValue" or type(value) is not dict:
        _STRUCTURE(serializer, serialized, value, shape, key)
        return
    wrapper = serializer.MAP_TYPE() if key else serialized
    for name, member in value.items():
        if member is not None:
            serializer._serialize(wrapper, member, shape.members[name], name)  # noqa: SLF001 -- as above
    if key:
        serializer._default_serialize(serialized, wrapper, shape, key)  # noqa: SLF001 -- as above
