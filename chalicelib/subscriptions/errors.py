"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Forbidden, Invalid


class AlreadyAgreed(Conflict):
    """There is an agreement for this sign-in already."""


class TermsNotShown(Invalid):
    """The terms named are not the ones in force; show those and let the customer accept them."""


class NoActiveAgreement(Forbidden):
    """The account has no active agreement."""
