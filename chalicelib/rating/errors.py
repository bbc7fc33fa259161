"""What rating says no to."""

from chalicelib.kernel.errors import Invalid


class InvalidTariff(Invalid):
    """The tariff is not valid; `errors` names each fault with its JSON pointer."""


class InvalidUse(Invalid):
    """The use cannot be rated."""


class InvalidLine(Invalid):
    """The document is no rated line."""


class NoTariffInForce(Invalid):
    """No version of the tariff is valid at that time."""


class InvalidTerms(Invalid):
    """The account's terms are not valid; `errors` names each fault with its JSON pointer."""


class InvalidProof(Invalid):
    """The document is no proof that can be recomputed."""


class InvalidShareRule(Invalid):
    """The rule of a partner's share is not valid."""
