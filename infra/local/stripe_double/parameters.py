"""Checks a request's parameters against the SDK's own types in `stripe.params`.

The types are TypedDicts whose annotations are walked at run time, so a new SDK brings its own rules along. Stricter
than Stripe where the two differ: what the SDK writes as `Literal["a", "b"] | str` takes only the listed words, and
booleans are `true` or `false`. Codes are Stripe's where Stripe has one; `parameter_invalid_boolean`, `_number`,
`_enum`, `_array` and `_object` are ours.
"""

import re
import types
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions

from infra.local.stripe_double.errors import StripeRefusal

MOST_DECIMALS = 12
MOST_METADATA = 50
LONGEST_METADATA_KEY = 40
LONGEST_METADATA_VALUE = 500

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_SCALARS = (int, bool, Decimal, float, str)
_WORDS = {"true": True, "false": False}
_NAMES = {int: "integer", bool: "boolean", Decimal: "number", float: "number", str: "string_empty"}


def check(shape: type, given: Mapping[str, Any], *, also: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The parameters as Python values; refused when one is unknown, missing or of another type.

    `also` names string parameters that Stripe takes although the SDK's type does not have them (Stripe.js sends such).
    """
    if "payment_method_types" in given and "payment_method_types" not in _hints(shape):
        message = "Received unknown parameter: payment_method_types. Use automatic_payment_methods instead."
        raise StripeRefusal(message, code="parameter_unknown", param="payment_method_types")
    own = {name: value for name, value in given.items() if name not in also}
    return _fields(shape, own, "") | {name: _value(str, given[name], name) for name in given if name in also}


@cache
def _hints(shape: type) -> Mapping[str, Any]:
    """The annotations of a TypedDict, without the SDK's own request options."""
    hints = get_type_hints(shape, localns={"StripeContext": object, "Mapping": Mapping})
    options = RequestOptions.__annotations__
    return {name: hint for name, hint in hints.items() if name not in options}


def _fields(shape: type, given: Mapping[str, Any], path: str) -> dict[str, Any]:
    hints = _hints(shape)
    for name in given:
        if name not in hints:
            where = _below(path, name)
            raise StripeRefusal(f"Received unknown parameter: {where}", code="parameter_unknown", param=where)
    required: frozenset[str] = shape.__required_keys__  # type: ignore[attr-defined]
    for name in sorted(required & set(hints)):
        if name not in given:
            where = _below(path, name)
            raise StripeRefusal(f"Missing required param: {where}.", code="parameter_missing", param=where)
    return {name: _value(hints[name], value, _below(path, name)) for name, value in given.items()}


def _below(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


@cache
def _alternatives(hint: object) -> tuple[Any, ...]:
    """The members of nested unions, one by one."""
    if get_origin(hint) not in (Union, types.UnionType):
        return (hint,)
    return tuple(each for member in get_args(hint) for each in _alternatives(member))


def _value(hint: object, given: object, path: str) -> object:
    options = _alternatives(hint)
    if isinstance(given, str):
        return _scalar(options, given, path)
    if isinstance(given, list):
        return _list(options, given, path)
    if isinstance(given, dict):
        return _nested(options, given, path)
    raise _wrong("object", path, str(given))


@cache
def _choices(options: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[type, ...]]:
    """The words that may be said, and of what types a value may be that is none of them."""
    words = tuple(word for option in options if get_origin(option) is Literal for word in get_args(option))
    return words, tuple(kind for kind in _SCALARS if kind in options and not (kind is str and any(words)))


def _scalar(options: tuple[Any, ...], given: str, path: str) -> object:
    words, kinds = _choices(options)
    if given in words:
        return given
    if given == "":
        message = f"You passed an empty string for '{path}', which cannot be unset."
        raise StripeRefusal(message, code="parameter_invalid_empty", param=path)
    for kind in kinds:
        value = _converted(kind, given)
        if value is not None:
            return value
    if any(words) and not kinds:
        raise _wrong("enum", path, f"{given}; must be one of {', '.join(map(str, words))}")
    raise _wrong(_NAMES[kinds[0]] if kinds else _container_name(options), path, given)


def _converted(kind: type, given: str) -> object | None:
    """The text as that type, or None where it is none."""
    if kind is int:
        return int(given) if _INTEGER.fullmatch(given) else None
    if kind is bool:
        return _WORDS.get(given)
    if kind in (Decimal, float):
        fits = _NUMBER.fullmatch(given) and len(given.partition(".")[2]) <= MOST_DECIMALS
        return Decimal(given) if fits else None
    return given


def _list(options: tuple[Any, ...], given: list[Any], path: str) -> list[Any]:
    for option in options:
        if get_origin(option) is list:
            (item,) = get_args(option)
            return [_value(item, value, f"{path}[{index}]") for index, value in enumerate(given)]
    raise _wrong(_container_name(options), path, "a list")


def _nested(options: tuple[Any, ...], given: dict[str, Any], path: str) -> object:
    for option in options:
        if get_origin(option) is list:
            return _list(options, _numbered(given, path), path)
        if get_origin(option) is dict:
            return _mapping(option, given, path)
        if hasattr(option, "__required_keys__"):
            return _fields(option, given, path)
    raise _wrong(_container_name(options), path, "an object")


def _numbered(given: dict[str, Any], path: str) -> list[Any]:
    """`lines[0]`, `lines[1]` ...: the SDK counts from zero without gaps."""
    if sorted(given) != sorted(str(index) for index in range(len(given))):
        raise _wrong("array", path, ", ".join(given))
    return [given[str(index)] for index in range(len(given))]


def _mapping(hint: object, given: dict[str, Any], path: str) -> dict[str, Any]:
    if len(given) > MOST_METADATA:
        raise StripeRefusal(
            f"{path} may have at most {MOST_METADATA} keys.", code="parameter_invalid_object", param=path
        )
    kind = get_args(hint)[1]
    for key, value in given.items():
        too_long = len(key) > LONGEST_METADATA_KEY or (isinstance(value, str) and len(value) > LONGEST_METADATA_VALUE)
        if too_long:
            limits = f"keys up to {LONGEST_METADATA_KEY} characters, values up to {LONGEST_METADATA_VALUE}"
            raise StripeRefusal(f"{path} takes {limits}.", code="parameter_invalid_object", param=_below(path, key))
    return {key: "" if value == "" else _value(kind, value, _below(path, key)) for key, value in given.items()}


def _container_name(options: tuple[Any, ...]) -> str:
    if any(get_origin(option) is list for option in options):
        return "array"
    if any(hasattr(option, "__required_keys__") or get_origin(option) is dict for option in options):
        return "object"
    scalar = next((option for option in options if option in _NAMES), str)
    return _NAMES[scalar]


def _wrong(kind: str, path: str, given: str) -> StripeRefusal:
    message = f"Invalid {kind.removesuffix('_empty')} for {path}: {given[:100]}"
    return StripeRefusal(message, code=f"parameter_invalid_{kind}", param=path)
