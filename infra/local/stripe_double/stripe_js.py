"""Plays Stripe.js: what the customer's browser does with a client secret, over HTTP, with the publishable key alone."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 30


def save_card(
    api_base: str, publishable_key: str, client_secret: str, payment_method: str = "pm_card_visa"
) -> dict[str, Any]:
    """Confirm the SetupIntent with a test card; the SetupIntent, or `{"error": ...}` when it is refused."""
    intent_id = client_secret.partition("_secret_")[0]
    return _post(
        api_base, publishable_key, f"/v1/setup_intents/{quote(intent_id)}/confirm", client_secret, payment_method
    )


def pay(api_base: str, publishable_key: str, client_secret: str, payment_method: str) -> dict[str, Any]:
    """Pay an open invoice at the screen; the PaymentIntent, or `{"error": ...}` when it is refused."""
    intent_id = client_secret.partition("_secret_")[0]
    return _post(
        api_base, publishable_key, f"/v1/payment_intents/{quote(intent_id)}/confirm", client_secret, payment_method
    )


def _post(api_base: str, publishable_key: str, path: str, client_secret: str, payment_method: str) -> dict[str, Any]:
    form = urlencode({"client_secret": client_secret, "payment_method": payment_method}).encode()
    request = Request(api_base.rstrip("/") + path, data=form, method="POST")
    request.add_header("Authorization", f"Bearer {publishable_key}")
    request.add_header("Content-Type", "application/x-www-form-urlencoded")
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            return dict(json.load(response))
    except HTTPError as refusal:
        with refusal:
            return dict(json.load(refusal))
