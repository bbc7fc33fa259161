"""How the double of Stripe checks parameters against the SDK's own types."""

from decimal import Decimal
from typing import Any

import pytest
from stripe import params

from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.parameters import check
from infra.local.stripe_double.reading import nested


def _refusal(shape: type, *pairs: tuple[str, str]) -> dict[str, Any]:
    with pytest.raises(StripeRefusal) as refusal:
        check(shape, nested(list(pairs)))
    return dict(refusal.value.body()["error"])


def test_a_form_becomes_typed_values() -> None:
    """
    Lists, nested objects, whole numbers, decimals, truth values and metadata, as the SDK sends them.
    """
    form = [
        ("lines[0][amount]", "-150"),
        ("lines[0][metadata][ride]", "7"),
        ("lines[0][period][start]", "1"),
        ("lines[0][period][end]", "2"),
        ("lines[1][discountable]", "false"),
        ("lines[1][quantity_decimal]", "1.250000000001"),
        ("expand[]", "customer"),
    ]
    assert check(params.InvoiceAddLinesParams, nested(form)) == {
        "lines": [
            {"amount": -150, "metadata": {"ride": "7"}, "period": {"start": 1, "end": 2}},
            {"discountable": False, "quantity_decimal": Decimal("1.250000000001")},
        ],
        "expand": ["customer"],
    }


@pytest.mark.parametrize(
    ("pair", "code", "param"),
    [
        (("colour", "red"), "parameter_unknown", "colour"),
        (("lines[0][colour]", "red"), "parameter_unknown", "lines[0][colour]"),
        (("api_key", "sk_test"), "parameter_unknown", "api_key"),
        (("lines[0][amount]", "1.5"), "parameter_invalid_integer", "lines[0][amount]"),
        (("lines[0][amount]", ""), "parameter_invalid_empty", "lines[0][amount]"),
        (("lines[0][amount]", "-"), "parameter_invalid_integer", "lines[0][amount]"),
        (("lines[0][amount]", "\u0661\u0662"), "parameter_invalid_integer", "lines[0][amount]"),
        (("lines[0][quantity_decimal]", "\u0661"), "parameter_invalid_number", "lines[0][quantity_decimal]"),
        (("lines[0][discountable]", "yes"), "parameter_invalid_boolean", "lines[0][discountable]"),
        (("lines[0][quantity_decimal]", "1.0000000000001"), "parameter_invalid_number", "lines[0][quantity_decimal]"),
        (("lines[0][quantity_decimal]", "NaN"), "parameter_invalid_number", "lines[0][quantity_decimal]"),
        (("lines[0][period][start]", "1"), "parameter_missing", "lines[0][period][end]"),
        (("lines[0][period]", "today"), "parameter_invalid_object", "lines[0][period]"),
        (("lines[0][description][en]", "Use"), "parameter_invalid_string_empty", "lines[0][description]"),
        (("lines[2][amount]", "1"), "parameter_invalid_array", "lines"),
        (("lines", "all"), "parameter_invalid_array", "lines"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_whole_path(pair: tuple[str, str], code: str, param: str) -> None:
    """
    The refusal says what is wrong and where.
    """
    rest = [] if pair[0].startswith("lines") else [("lines[0][amount]", "1")]
    error = _refusal(params.InvoiceAddLinesParams, pair, *rest)

    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", code, param)


def test_a_required_parameter_has_to_be_there() -> None:
    """
    `lines` of add_lines, `invoice` of a credit note.
    """
    assert _refusal(params.InvoiceAddLinesParams)["param"] == "lines"
    assert _refusal(params.CreditNoteCreateParams, ("amount", "1"))["code"] == "parameter_missing"


def test_a_word_outside_the_listed_ones_is_refused_although_the_sdk_types_it_as_any_text() -> None:
    """
    The SDK leaves its enumerations open for words to come; Stripe itself refuses what it does not know.
    """
    error = _refusal(params.InvoiceCreateParams, ("collection_method", "by_hand"))
    assert error["code"] == "parameter_invalid_enum"
    assert "charge_automatically, send_invoice" in error["message"]


def test_payment_method_types_is_refused_on_intents() -> None:
    """
    The pinned API version chooses payment methods by itself.
    """
    error = _refusal(params.SetupIntentCreateParams, ("payment_method_types[0]", "card"))
    assert (error["code"], error["param"]) == ("parameter_unknown", "payment_method_types")


def test_an_empty_text_unsets_only_what_can_be_unset() -> None:
    """
    Metadata as a whole and single keys of it, not an amount or an e-mail address.
    """
    assert check(params.InvoiceUpdateParams, nested([("metadata", "")])) == {"metadata": ""}
    assert check(params.CustomerUpdateParams, nested([("metadata[a]", "")])) == {"metadata": {"a": ""}}
    assert _refusal(params.CustomerCreateParams, ("email", ""))["code"] == "parameter_invalid_empty"


@pytest.mark.parametrize(
    "pairs",
    [
        [(f"metadata[k{number}]", "v") for number in range(51)],
        [("metadata[" + "k" * 41 + "]", "v")],
        [("metadata[k]", "v" * 501)],
    ],
)
def test_metadata_is_bounded(pairs: list[tuple[str, str]]) -> None:
    """
    50 keys of 40 characters with values of 500.
    """
    assert _refusal(params.CustomerCreateParams, *pairs)["code"] == "parameter_invalid_object"


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "1"), ("a", "2")],
        [("a", "1"), ("a[b]", "2")],
        [("a[b]", "1"), ("a", "2")],
        [("a[b", "1")],
        [("[a]", "1")],
        [("a[]", "1"), ("a", "2")],
    ],
)
def test_a_form_that_contradicts_itself_is_refused(pairs: list[tuple[str, str]]) -> None:
    """
    Twice the same name, or one name as a text and as an object.
    """
    with pytest.raises(StripeRefusal):
        nested(pairs)


def test_every_filter_of_a_list_has_its_type() -> None:
    """
    `created` is a moment or bounds.
    """
    shape = params.InvoiceListParams
    assert check(shape, nested([("created", "5")])) == {"created": 5}
    assert check(shape, nested([("created[gte]", "5"), ("created[lt]", "9")])) == {"created": {"gte": 5, "lt": 9}}
    assert _refusal(shape, ("created[since]", "5"))["param"] == "created[since]"
