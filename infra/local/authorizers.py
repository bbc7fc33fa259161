"""Runs a Chalice authorizer before the route, as API Gateway does with one of type TOKEN."""

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from chalice.app import ChaliceAuthorizer

from infra.local.apps import LoadedApp
from infra.local.rest_events import Event, HttpAnswer, HttpRequest, gateway_says, method_arn

_DEFAULT_TTL = 300


class Authorizers:
    """Asks an app's authorizers and keeps their answers per token, as long as each says."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str, str], tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def admit(self, loaded: LoadedApp, request: HttpRequest, event: Event, authorizer: object) -> HttpAnswer | None:
        """None when the caller may go on, with the authorizer's findings put into the event; else the refusal."""
        if authorizer is None:
            return None
        if not isinstance(authorizer, ChaliceAuthorizer):
            return gateway_says(500, "the local run knows Chalice's own authorizers only")
        token = request.header(authorizer.config.header or "Authorization")
        if not token:
            return gateway_says(401, "Unauthorized")
        try:
            policy = self._policy(loaded, authorizer, token, event)
        except Exception as error:  # noqa: BLE001 -- whatever an authorizer raises, the gateway answers
            return gateway_says(401, "Unauthorized") if str(error) == "Unauthorized" else gateway_says(500, "null")
        if not _allows(policy, method_arn(event)):
            return gateway_says(403, "User is not authorized to access this resource")
        event["requestContext"]["authorizer"] = {
            **{name: str(value) for name, value in (policy.get("context") or {}).items()},
            "principalId": policy.get("principalId"),
        }
        return None

    def _policy(self, loaded: LoadedApp, authorizer: Any, token: str, event: Event) -> dict[str, Any]:  # noqa: ANN401 -- Chalice's
        now, key = self._clock(), (loaded.name, authorizer.name, token)
        with self._lock:
            until, kept = self._kept.get(key, (0.0, {}))
        if now < until:
            return kept
        asked = {"type": "TOKEN", "authorizationToken": token, "methodArn": method_arn(event)}
        policy: dict[str, Any] = json.loads(json.dumps(authorizer(asked, loaded.context(authorizer.name))))
        ttl = _DEFAULT_TTL if authorizer.config.ttl_seconds is None else authorizer.config.ttl_seconds
        with self._lock:
            self._kept[key] = (now + ttl, policy)
        return policy


def _allows(policy: dict[str, Any], arn: str) -> bool:
    effects = {
        statement.get("Effect")
        for statement in policy.get("policyDocument", {}).get("Statement", [])
        if any(_matches(pattern, arn) for pattern in _listed(statement.get("Resource")))
    }
    return effects == {"Allow"}


def _listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _matches(pattern: str, arn: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), arn) is not None
