"""Modules that a door's first request may not need: in Lambda they are loaded at their first use.

A cold start pays for every class that is made. Elsewhere they are loaded at once, as several threads may ask for them.
"""

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any


def lazily(name: str) -> Any:  # noqa: ANN401 -- callers import the module itself for their types
    """The module of that name, whose code is run when something of it is first asked for."""
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ or name in sys.modules:
        return importlib.import_module(name)
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
