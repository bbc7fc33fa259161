"""Loads the four Chalice apps, which are all called `app`, under names of their own and safe for several threads."""

import importlib.util
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from chalice.app import Chalice

ACCOUNT = "123456789012"
REGION = "eu-north-1"
_TIME_LIMIT_MS = 29_000


class _PerThread:
    """Chalice keeps the request at hand on the app, as Lambda runs one at a time; here each thread has its own."""

    _at_hand: threading.local

    @property
    def current_request(self) -> Any:  # noqa: ANN401 -- as Chalice has it
        """The request that this thread serves."""
        return getattr(self._at_hand, "request", None)

    @current_request.setter
    def current_request(self, request: Any) -> None:  # noqa: ANN401 -- as above
        self._at_hand.request = request

    @property
    def lambda_context(self) -> Any:  # noqa: ANN401 -- as Chalice has it
        """The context of the request that this thread serves."""
        return getattr(self._at_hand, "context", None)

    @lambda_context.setter
    def lambda_context(self, context: Any) -> None:  # noqa: ANN401 -- as above
        self._at_hand.context = context


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda passes beside the event."""

    function_name: str
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 1024
    log_stream_name: str = "local"
    deadline: float = field(default_factory=lambda: time.monotonic() + _TIME_LIMIT_MS / 1000)

    @property
    def invoked_function_arn(self) -> str:
        """The function's name in full."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """Where its log would be."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


@dataclass(frozen=True)
class LoadedApp:
    """A Chalice app and the module that it is in.

    `functions` holds an instance of its own for each event handler, as each is a Lambda function of its own with its
    own memory: what one has read and kept, another still has to be allowed to read.
    """

    name: str
    module: ModuleType
    app: Any
    functions: Mapping[str, "LoadedApp"] = field(default_factory=dict)

    def handler(self, name: str) -> Callable[[dict[str, Any], LambdaContext], Any]:
        """The event handler of that name: what Lambda would call for a stream, a queue or a timer."""
        if name in self.functions:
            return self.functions[name].handler(name)
        found = self.app.handler_map.get(name)
        if found is None:
            raise LookupError(f"the app {self.name} has no handler {name}; it has {sorted(self.app.handler_map)}")
        return found  # type: ignore[no-any-return]

    def context(self, function: str = "api") -> LambdaContext:
        """A context for one call of one of its functions."""
        return LambdaContext(f"adgang-{self.name}-local-{function}")


class OnFirstUse(Mapping[str, LoadedApp]):
    """Functions by name, each loaded when it is first called, as Lambda does: an app has many, and few are woken."""

    def __init__(self, names: Iterable[str], load: Callable[[str], LoadedApp]) -> None:
        self._load = load
        self._loaded: dict[str, LoadedApp | None] = dict.fromkeys(names)
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> LoadedApp:
        with self._lock:
            found = self._loaded[name]
            if found is None:
                found = self._loaded[name] = self._load(name)
            return found

    def __contains__(self, name: object) -> bool:
        return name in self._loaded

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded)

    def __len__(self) -> int:
        return len(self._loaded)


def load_app(path: Path, name: str) -> LoadedApp:
    """Run an `app.py` as a module `adgang_local_<name>`, fresh each time, and take its `app`."""
    module_name = f"adgang_local_{name}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    with patch.object(sys, "dont_write_bytecode", True):  # nothing is left behind in functions/
        spec.loader.exec_module(module)
    return LoadedApp(name, module, thread_safe(module.app))


def thread_safe(app: Chalice) -> Chalice:
    """The same app, with the request at hand kept per thread."""
    app.__class__ = type(f"Local{type(app).__name__}", (_PerThread, type(app)), {"_at_hand": threading.local()})
    for name in ("current_request", "lambda_context"):
        vars(app).pop(name, None)
    return app
