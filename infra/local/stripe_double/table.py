"""The table of calls.

For each: name, method, address, the SDK's type of its parameters, handler, and the parameters that are played.
"""

from stripe import params

from infra.local.stripe_double import (
    charges,
    credit_notes,
    customers,
    events,
    holds,
    invoice_payments,
    invoices,
    lines,
    payment_intents,
    refunds,
    settling,
    setup_intents,
    tax_rates,
)
from infra.local.stripe_double import payment_methods as methods
from infra.local.stripe_double.errors import Missing
from infra.local.stripe_double.routes import Route
from infra.local.stripe_double.table_of_money import BANKS, PARTNERS
from infra.local.stripe_double.table_of_taxes import TAXES

CUSTOMERS = (
    Route("customers.create", "POST", "/v1/customers", params.CustomerCreateParams, customers.create, customers.PLAYED),
    Route("customers.list", "GET", "/v1/customers", params.CustomerListParams, customers.list_all, ("email",)),
    Route("customers.retrieve", "GET", "/v1/customers/{id}", params.CustomerRetrieveParams, customers.retrieve),
    Route(
        "customers.update",
        "POST",
        "/v1/customers/{id}",
        params.CustomerUpdateParams,
        customers.update,
        customers.PLAYED,
    ),
    Route("customers.delete", "DELETE", "/v1/customers/{id}", params.CustomerDeleteParams, customers.delete),
)
CARDS = (
    Route(
        "customers.payment_methods.list",
        "GET",
        "/v1/customers/{id}/payment_methods",
        params.CustomerPaymentMethodListParams,
        methods.list_of_customer,
        ("type",),
    ),
    Route(
        "payment_methods.list",
        "GET",
        "/v1/payment_methods",
        params.PaymentMethodListParams,
        methods.list_all,
        ("customer", "type"),
    ),
    Route(
        "payment_methods.retrieve",
        "GET",
        "/v1/payment_methods/{id}",
        params.PaymentMethodRetrieveParams,
        methods.retrieve,
    ),
    Route(
        "payment_methods.update",
        "POST",
        "/v1/payment_methods/{id}",
        params.PaymentMethodUpdateParams,
        methods.update,
        ("billing_details", "card", "metadata"),
    ),
    Route(
        "payment_methods.detach",
        "POST",
        "/v1/payment_methods/{id}/detach",
        params.PaymentMethodDetachParams,
        methods.detach,
    ),
)
SETUPS = (
    Route(
        "setup_intents.create",
        "POST",
        "/v1/setup_intents",
        params.SetupIntentCreateParams,
        setup_intents.create,
        setup_intents.CREATED_WITH,
    ),
    Route(
        "setup_intents.list",
        "GET",
        "/v1/setup_intents",
        params.SetupIntentListParams,
        setup_intents.list_all,
        ("customer", "payment_method"),
    ),
    Route(
        "setup_intents.retrieve",
        "GET",
        "/v1/setup_intents/{id}",
        params.SetupIntentRetrieveParams,
        setup_intents.retrieve,
        ("client_secret",),
        client_side=True,
    ),
    Route(
        "setup_intents.confirm",
        "POST",
        "/v1/setup_intents/{id}/confirm",
        params.SetupIntentConfirmParams,
        setup_intents.confirm,
        setup_intents.CONFIRMED_WITH,
        client_side=True,
    ),
    Route(
        "setup_intents.cancel",
        "POST",
        "/v1/setup_intents/{id}/cancel",
        params.SetupIntentCancelParams,
        setup_intents.cancel,
        ("cancellation_reason",),
    ),
)
INVOICES = (
    Route(
        "invoices.create", "POST", "/v1/invoices", params.InvoiceCreateParams, invoices.create, invoices.CREATED_WITH
    ),
    Route(
        "invoices.list",
        "GET",
        "/v1/invoices",
        params.InvoiceListParams,
        invoices.list_all,
        ("collection_method", "customer", "status"),
    ),
    Route("invoices.retrieve", "GET", "/v1/invoices/{id}", params.InvoiceRetrieveParams, invoices.retrieve),
    Route(
        "invoices.update",
        "POST",
        "/v1/invoices/{id}",
        params.InvoiceUpdateParams,
        invoices.update,
        invoices.CHANGED_WITH,
    ),
    Route("invoices.delete", "DELETE", "/v1/invoices/{id}", params.InvoiceDeleteParams, invoices.delete),
    Route(
        "invoices.add_lines",
        "POST",
        "/v1/invoices/{id}/add_lines",
        params.InvoiceAddLinesParams,
        lines.add,
        ("lines", "invoice_metadata"),
    ),
    Route("invoices.lines.list", "GET", "/v1/invoices/{id}/lines", params.InvoiceLineItemListParams, lines.list_all),
    Route(
        "invoices.finalize",
        "POST",
        "/v1/invoices/{id}/finalize",
        params.InvoiceFinalizeInvoiceParams,
        settling.finalize,
        ("auto_advance",),
    ),
    Route(
        "invoices.pay",
        "POST",
        "/v1/invoices/{id}/pay",
        params.InvoicePayParams,
        settling.pay,
        ("off_session", "payment_method"),
    ),
    Route(
        "invoices.attach_payment",
        "POST",
        "/v1/invoices/{id}/attach_payment",
        params.InvoiceAttachPaymentParams,
        invoice_payments.attach,
        ("payment_intent",),
    ),
    Route("invoices.void", "POST", "/v1/invoices/{id}/void", params.InvoiceVoidInvoiceParams, settling.void),
    Route(
        "invoices.mark_uncollectible",
        "POST",
        "/v1/invoices/{id}/mark_uncollectible",
        params.InvoiceMarkUncollectibleParams,
        settling.give_up,
    ),
    Route(
        "invoice_payments.list",
        "GET",
        "/v1/invoice_payments",
        params.InvoicePaymentListParams,
        invoice_payments.list_all,
        ("invoice", "payment", "status"),
    ),
    Route(
        "invoice_payments.retrieve",
        "GET",
        "/v1/invoice_payments/{id}",
        params.InvoicePaymentRetrieveParams,
        invoice_payments.retrieve,
    ),
)
PAYMENTS = (
    Route(
        "payment_intents.list",
        "GET",
        "/v1/payment_intents",
        params.PaymentIntentListParams,
        payment_intents.list_all,
        ("customer",),
    ),
    Route(
        "payment_intents.retrieve",
        "GET",
        "/v1/payment_intents/{id}",
        params.PaymentIntentRetrieveParams,
        payment_intents.retrieve,
        ("client_secret",),
        client_side=True,
    ),
    Route(
        "payment_intents.create",
        "POST",
        "/v1/payment_intents",
        params.PaymentIntentCreateParams,
        holds.create,
        holds.CREATED_WITH,
    ),
    Route(
        "payment_intents.update",
        "POST",
        "/v1/payment_intents/{id}",
        params.PaymentIntentUpdateParams,
        holds.update,
        holds.CHANGED_WITH,
    ),
    Route(
        "payment_intents.confirm",
        "POST",
        "/v1/payment_intents/{id}/confirm",
        params.PaymentIntentConfirmParams,
        holds.confirm,
        holds.CONFIRMED_WITH,
        client_side=True,
    ),
    Route(
        "payment_intents.capture",
        "POST",
        "/v1/payment_intents/{id}/capture",
        params.PaymentIntentCaptureParams,
        holds.capture,
        holds.CAPTURED_WITH,
    ),
    Route(
        "payment_intents.cancel",
        "POST",
        "/v1/payment_intents/{id}/cancel",
        params.PaymentIntentCancelParams,
        holds.cancel,
        ("cancellation_reason",),
    ),
    Route(
        "charges.list",
        "GET",
        "/v1/charges",
        params.ChargeListParams,
        charges.list_all,
        ("customer", "payment_intent", "transfer_group"),
    ),
    Route("charges.retrieve", "GET", "/v1/charges/{id}", params.ChargeRetrieveParams, charges.retrieve),
    Route("refunds.create", "POST", "/v1/refunds", params.RefundCreateParams, refunds.create, refunds.CREATED_WITH),
    Route(
        "refunds.list", "GET", "/v1/refunds", params.RefundListParams, refunds.list_all, ("charge", "payment_intent")
    ),
    Route("refunds.update", "POST", "/v1/refunds/{id}", params.RefundUpdateParams, refunds.update, ("metadata",)),
    Route("refunds.retrieve", "GET", "/v1/refunds/{id}", params.RefundRetrieveParams, refunds.retrieve),
)
REST = (
    Route(
        "credit_notes.create",
        "POST",
        "/v1/credit_notes",
        params.CreditNoteCreateParams,
        credit_notes.create,
        credit_notes.CREATED_WITH,
    ),
    Route(
        "credit_notes.list",
        "GET",
        "/v1/credit_notes",
        params.CreditNoteListParams,
        credit_notes.list_all,
        ("customer", "invoice"),
    ),
    Route(
        "credit_notes.retrieve", "GET", "/v1/credit_notes/{id}", params.CreditNoteRetrieveParams, credit_notes.retrieve
    ),
    Route("tax_rates.retrieve", "GET", "/v1/tax_rates/{id}", params.TaxRateRetrieveParams, tax_rates.retrieve),
    Route("events.list", "GET", "/v1/events", params.EventListParams, events.list_all, ("type", "types")),
    Route("events.retrieve", "GET", "/v1/events/{id}", params.EventRetrieveParams, events.retrieve),
)
ROUTES = (*CUSTOMERS, *CARDS, *SETUPS, *INVOICES, *PAYMENTS, *REST, *BANKS, *PARTNERS, *TAXES)


def route_of(method: str, path: str) -> tuple[Route, str]:
    """The call that this request makes and the id in its address."""
    for route in ROUTES:
        object_id = route.object_id(path) if route.method == method else None
        if object_id is not None:
            return route, object_id
    raise Missing(f"Unrecognized request URL ({method}: {path}).", code="url_invalid")
