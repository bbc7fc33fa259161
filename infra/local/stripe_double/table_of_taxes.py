"""The table of calls, continued: Stripe Tax by itself."""

from stripe.params import tax as params

from infra.local.stripe_double import tax_calculations as calculations
from infra.local.stripe_double import tax_transactions as transactions
from infra.local.stripe_double.routes import Route

_CALCULATIONS, _TRANSACTIONS = "/v1/tax/calculations", "/v1/tax/transactions"
TAXES = (
    Route(
        "tax.calculations.create",
        "POST",
        _CALCULATIONS,
        params.CalculationCreateParams,
        calculations.create,
        calculations.PLAYED,
    ),
    Route(
        "tax.calculations.retrieve",
        "GET",
        f"{_CALCULATIONS}/{{id}}",
        params.CalculationRetrieveParams,
        calculations.retrieve,
    ),
    Route(
        "tax.calculations.line_items.list",
        "GET",
        f"{_CALCULATIONS}/{{id}}/line_items",
        params.CalculationLineItemListParams,
        calculations.list_lines,
    ),
    Route(
        "tax.transactions.create_from_calculation",
        "POST",
        f"{_TRANSACTIONS}/create_from_calculation",
        params.TransactionCreateFromCalculationParams,
        transactions.create,
        transactions.CREATED_WITH,
    ),
    Route(
        "tax.transactions.create_reversal",
        "POST",
        f"{_TRANSACTIONS}/create_reversal",
        params.TransactionCreateReversalParams,
        transactions.reverse,
        transactions.REVERSED_WITH,
    ),
    Route(
        "tax.transactions.retrieve",
        "GET",
        f"{_TRANSACTIONS}/{{id}}",
        params.TransactionRetrieveParams,
        transactions.retrieve,
    ),
    Route(
        "tax.transactions.line_items.list",
        "GET",
        f"{_TRANSACTIONS}/{{id}}/line_items",
        params.TransactionLineItemListParams,
        calculations.list_lines,
    ),
)
