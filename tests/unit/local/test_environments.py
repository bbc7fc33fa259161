"""Locally a door has the variables that its template gives it in production, and no others."""

import pytest

from infra.local.environments import environment_of, parameters_of

EXPORTS = {
    "customers-issuer": "https://customers.example",
    "customers-client": "app",
    "customers-jwks": "http://127.0.0.1/customers",
    "staff-issuer": "https://staff.example",
    "staff-client": "tool",
    "staff-jwks": "http://127.0.0.1/staff",
    "exports-bucket": "exports",
    "evidence-bucket": "evidence",
    "own-data-bucket": "own-data",
    "close-pages-url": "https://queue.example",
}

OF_THE_STACK = {f"TIMER_{name}": f"arn:{name}" for name in ("GROUP", "TARGET_ARN", "ROLE_ARN", "FAILURES_ARN")}
"""What names other resources of the door's own stack is known on AWS alone."""


def test_each_door_knows_the_pool_of_its_own_callers() -> None:
    mobile = environment_of("mobile", "local", EXPORTS, {})
    finance = environment_of("finance", "local", EXPORTS, {})

    assert (mobile["OIDC_ISSUER"], mobile["OIDC_CLIENT_ID"]) == ("https://customers.example", "app")
    assert finance["OIDC_ISSUER"] == "https://staff.example"
    assert "OIDC_ISSUER" not in environment_of("partner", "local", EXPORTS, {})


def test_what_is_the_same_everywhere_comes_from_the_common_template() -> None:
    environment = environment_of("partner", "local", EXPORTS, {})

    assert (environment["ADGANG_STAGE"], environment["ADGANG_MODE"]) == ("local", "test")
    assert environment["ADGANG_ZONE"] == "Europe/Helsinki"


def test_an_address_is_replaced_only_where_the_door_has_it() -> None:
    here = {"STRIPE_API_BASE": "http://127.0.0.1/stripe"}

    assert environment_of("mobile", "local", EXPORTS, here)["STRIPE_API_BASE"] == "http://127.0.0.1/stripe"
    assert "STRIPE_API_BASE" not in environment_of("finance", "local", EXPORTS, here)


def test_the_secrets_that_a_door_reads_are_known_by_their_parameters() -> None:
    environment = environment_of("workers", "local", EXPORTS, OF_THE_STACK)

    names = ("workers/stripe-key", "stripe-webhook-secret", "stripe-connect-webhook-secret", "pepper")
    assert parameters_of(environment) == {f"/adgang/local/{name}" for name in names}


def test_an_export_that_nobody_makes_is_missed() -> None:
    with pytest.raises(KeyError, match="exports-bucket"):
        environment_of("workers", "local", {}, OF_THE_STACK)
