"""What rating says no to."""

from chalicelib.kernel.errors import Invalid


class InvalidTariff(Invalid):
    """The tariff is not valid; `errors` names each fault with its JSON pointer."""


class InvalidUse(Invalid):
    """The use cannot be rated."""


class InvalidLine(Invalid):
    """The document is no rated line."""
