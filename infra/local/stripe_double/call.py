"""What a handler gets: the state, the checked parameters, and the id in the address."""

from dataclasses import dataclass

from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.store import Fields, Store


@dataclass(frozen=True)
class Call:
    """One checked call. `publishable` is true for a browser's call with the publishable key."""

    store: Store
    arguments: Fields
    object_id: str = ""
    publishable: bool = False

    def must_know_secret(self, intent: Fields) -> None:
        """A browser acts on an intent only with that intent's client secret."""
        given = self.arguments.get("client_secret")
        if given != intent["client_secret"] and (self.publishable or given is not None):
            kind = intent["object"]
            message = f"The client_secret provided does not match the client_secret of this {kind}."
            raise StripeRefusal(message, code=f"{kind}_invalid_parameter", param="client_secret")
