"""What stands in for AWS: moto in this process, and with ENGINE=dynamodb-local Amazon's own DynamoDB beside it.

moto is not safe under concurrent transactions, so one lock is taken around every call to it. Claims about races are
made on DynamoDB Local only.
"""

import atexit
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config
from moto import mock_aws
from moto.core import models as moto_core
from moto.moto_api._internal import mock_random

from infra.local.apps import REGION
from infra.local.boundaries import boundaries
from infra.local.direct import direct
from infra.local.dynamodb_local import DynamoDBLocal, EngineMissingError, fetch
from infra.local.expressions import read_once
from infra.local.quicker import quicker
from infra.local.transactions import all_or_nothing

__all__ = ["ACCESS_KEY", "SECRET_KEY", "Engine", "EngineMissingError", "environment"]

ACCESS_KEY = "LOCALACCESSKEY"
SECRET_KEY = "local-secret-key"  # noqa: S105 -- opens nothing but this machine
MOTO = "moto"
DYNAMODB_LOCAL = "dynamodb-local"

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # addresses with the account in them are unknown to moto
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_OTHERS = ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_EXECUTION_ENV")


class Engine:
    """AWS as the local run sees it. `start` and `stop` leave the process as they found it."""

    def __init__(
        self, kind: str | None = None, seed: int | str = 0, *, lasts: bool = False, kept_together: bool = False
    ) -> None:
        self.kind = kind or os.environ.get("ENGINE") or MOTO
        if self.kind not in (MOTO, DYNAMODB_LOCAL):
            raise EngineMissingError(f"ENGINE={self.kind} is not known: use {MOTO} or {DYNAMODB_LOCAL}")
        self.lock = threading.RLock()
        self.dynamodb_endpoint: str | None = None
        self._seed = seed
        self._how: dict[str, Any] = {"lasts": lasts, "kept_together": kept_together}
        self._clients: dict[str, Any] = {}
        self._held = ExitStack()

    def start(self) -> "Engine":
        """Set up moto, its lock and its environment, and the other engine if that is wanted."""
        with ExitStack() as started:
            if self.kind == DYNAMODB_LOCAL:
                engine = DynamoDBLocal(**self._how)
                started.callback(engine.stop)
                atexit.register(engine.stop)
                started.callback(atexit.unregister, engine.stop)
                self.dynamodb_endpoint = engine.endpoint
            started.enter_context(environment(self._environment()))
            started.enter_context(_moto(self.lock, self.dynamodb_endpoint))
            started.enter_context(all_or_nothing())
            started.enter_context(quicker())
            started.enter_context(read_once())
            started.enter_context(boundaries())
            started.enter_context(direct(self.lock))
            mock_random.seed(self._seed)
            self._held = started.pop_all()
        return self

    def stop(self) -> None:
        """Forget everything that was stored and put the environment back."""
        self._clients.clear()
        self._held.close()

    def client(self, service: str) -> Any:  # noqa: ANN401 -- boto3 publishes no types
        """The local run's own client of an AWS service; doors make theirs themselves."""
        with self.lock:
            if service not in self._clients:
                self._clients[service] = _session().client(service, config=Config(retries={"mode": "standard"}))
            return self._clients[service]

    def _environment(self) -> dict[str, str]:
        if self.dynamodb_endpoint is None:
            return _ENVIRONMENT
        streams = {"AWS_ENDPOINT_URL_DYNAMODB_STREAMS": self.dynamodb_endpoint}
        return _ENVIRONMENT | {"AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb_endpoint} | streams


@lru_cache(maxsize=1)
def _session() -> Any:  # noqa: ANN401 -- boto3 publishes no types
    """One for all engines of the process: reading botocore's models anew costs each of them a second."""
    return boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=REGION)


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while; no setting of the developer's own AWS account stays in sight."""
    cleared = {name: value for name, value in os.environ.items() if not _is_aws(name)}
    with patch.dict(os.environ, cleared | dict(values), clear=True):
        yield


def _is_aws(name: str) -> bool:
    return name in _OTHERS or name in _ENVIRONMENT or name.startswith("AWS_ENDPOINT_URL")


@contextmanager
def _moto(lock: threading.RLock, beside: str | None) -> Iterator[None]:
    core: dict[str, Any] = {"mock_credentials": False}
    if beside is not None:
        core["passthrough"] = {"urls": [re.escape(beside)], "services": []}
    config: Any = {"core": core}
    # moto also answers the requests library, by 1,300 patterns that it makes anew; nobody here calls AWS that way
    with patch.object(moto_core, "RESPONSES_METHODS", ()), mock_aws(config=config), _locked(lock, beside):
        moto_core.responses_mock.reset()
        moto_core.responses_mock.add_passthru("http")
        yield


@contextmanager
def _locked(lock: threading.RLock, beside: str | None) -> Iterator[None]:
    answer: Callable[[Any], Any] = moto_core.botocore_stubber.process_request

    def one_at_a_time(request: Any) -> Any:  # noqa: ANN401 -- moto's own types
        if beside is not None and request.url.startswith(beside):
            return None
        with lock:
            return answer(request)

    with patch.object(moto_core.botocore_stubber, "process_request", one_at_a_time):
        yield


def main(arguments: list[str]) -> int:
    """`fetch` gets DynamoDB Local."""
    if arguments != ["fetch"]:
        print("usage: python -m infra.local.engine fetch", file=sys.stderr)
        return 2
    try:
        print(f"DynamoDB Local is in {fetch()}")
    except EngineMissingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
