"""The table of calls, continued: what becomes of money once it was taken."""

from stripe import params

from infra.local.stripe_double import balance, connect, disputes, transfers
from infra.local.stripe_double.routes import Route

BANKS = (
    Route(
        "disputes.list",
        "GET",
        "/v1/disputes",
        params.DisputeListParams,
        disputes.list_all,
        ("charge", "payment_intent"),
    ),
    Route("disputes.retrieve", "GET", "/v1/disputes/{id}", params.DisputeRetrieveParams, disputes.retrieve),
    Route(
        "disputes.update",
        "POST",
        "/v1/disputes/{id}",
        params.DisputeUpdateParams,
        disputes.update,
        ("evidence", "metadata", "submit"),
    ),
    Route("disputes.close", "POST", "/v1/disputes/{id}/close", params.DisputeCloseParams, disputes.close),
    Route("balance.retrieve", "GET", "/v1/balance", params.BalanceRetrieveParams, balance.show),
    Route(
        "balance_transactions.list",
        "GET",
        "/v1/balance_transactions",
        params.BalanceTransactionListParams,
        balance.list_all,
        ("currency", "payout", "source", "type"),
    ),
    Route(
        "balance_transactions.retrieve",
        "GET",
        "/v1/balance_transactions/{id}",
        params.BalanceTransactionRetrieveParams,
        balance.retrieve,
    ),
)
PARTNERS = (
    Route("accounts.create", "POST", "/v1/accounts", params.AccountCreateParams, connect.create, connect.CREATED_WITH),
    Route("accounts.list", "GET", "/v1/accounts", params.AccountListParams, connect.list_all),
    Route("accounts.retrieve", "GET", "/v1/accounts/{id}", params.AccountRetrieveParams, connect.retrieve),
    Route(
        "accounts.update",
        "POST",
        "/v1/accounts/{id}",
        params.AccountUpdateParams,
        connect.update,
        connect.CHANGED_WITH,
    ),
    Route(
        "account_links.create",
        "POST",
        "/v1/account_links",
        params.AccountLinkCreateParams,
        connect.link,
        connect.LINKED_WITH,
    ),
    Route(
        "transfers.create",
        "POST",
        "/v1/transfers",
        params.TransferCreateParams,
        transfers.create,
        transfers.CREATED_WITH,
    ),
    Route(
        "transfers.list",
        "GET",
        "/v1/transfers",
        params.TransferListParams,
        transfers.list_all,
        ("destination", "transfer_group"),
    ),
    Route("transfers.retrieve", "GET", "/v1/transfers/{id}", params.TransferRetrieveParams, transfers.retrieve),
    Route(
        "transfers.reversals.create",
        "POST",
        "/v1/transfers/{id}/reversals",
        params.TransferCreateReversalParams,
        transfers.reverse,
        transfers.REVERSED_WITH,
    ),
    Route(
        "transfers.reversals.list",
        "GET",
        "/v1/transfers/{id}/reversals",
        params.TransferListReversalsParams,
        transfers.list_reversals,
    ),
)
