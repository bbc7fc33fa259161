"""What is refused about charges that partners state."""

from chalicelib.kernel.errors import Conflict, Invalid, NotFound, TooMuch


class UnknownCharge(NotFound):
    """There is no such charge of yours."""


class ChargeSessionUnknown(NotFound):
    """None of your assets had such a session."""


class ChargeChanged(Conflict):
    """The charge was changed meanwhile; look at it again."""


class ChargeNotOpen(Conflict):
    """In its state, this cannot be done with the charge any more, or not yet."""


class ChargeTooHigh(Invalid):
    """A charge is above zero and at most what the operator allows."""


class ChargeTimeInvalid(Invalid):
    """It happened in the session, and not in the future."""


class ChargeUndescribed(Invalid):
    """A charge is described in at least one language."""


class EvidenceMissing(Conflict):
    """What is owed has to be shown: every piece of evidence has to be uploaded, and there is one at least."""


class EvidenceTooMuch(TooMuch):
    """A charge has at most ten pieces of evidence."""


class UnknownEvidence(NotFound):
    """The charge has no such evidence, or none yet."""


class DecisionInvalid(Invalid):
    """Upheld leaves the amount; reduced names a lower one above zero; dropped names none."""


class CounterTooHigh(Invalid):
    """No more can be taken back of a charge than is left of it."""


class ChargesTooMany(TooMuch):
    """So many charges of one session are not taken."""
