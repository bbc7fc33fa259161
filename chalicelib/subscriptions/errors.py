"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class AlreadyAgreed(Conflict):
    """There is an agreement for this sign-in already."""


class TermsNotShown(Invalid):
    """The terms named are not the ones in force; show those and let the customer accept them."""


class NoActiveAgreement(Forbidden):
    """The account has no active agreement."""


class InvalidPlan(Invalid):
    """The plan is not valid; `errors` names each fault with its JSON pointer."""


class InvalidTerms(Invalid):
    """Terms are a version with its text in one language or more; `errors` names each fault with its JSON pointer."""


class PlanMoved(Conflict):
    """Another version of the plan was published; look at its price and terms."""


class TermsPublished(Conflict):
    """That version of the terms was published with another text, and a version never changes."""


class UnknownPlan(NotFound):
    """There is no such plan, or no such version of it."""


class UnknownTerms(NotFound):
    """There is no such version of the terms, or not in that language."""


class PlanNotOnSale(Conflict):
    """The plan cannot be had now."""


class AlreadyHas(Conflict):
    """One of those who would take part has the plan already, by another subscription of the account."""


class PlanNotForAccount(Forbidden):
    """The plan is for other kinds of accounts."""


class NotShown(Forbidden):
    """A member has not shown what the plan requires, or it has expired."""


class UnknownMember(NotFound):
    """There is no such person in the account."""


class SeatsTaken(Conflict):
    """More would take part than there are seats; change the number of seats first."""


class TooManySeats(Invalid):
    """The plan has fewer seats, or fewer are asked for than take part."""


class NotAMember(NotFound):
    """That person does not take part in the subscription."""


class LastMember(Conflict):
    """Somebody has to take part; end the subscription instead."""


class UnknownSubscription(NotFound):
    """The account has no such subscription."""


class SubscriptionChanged(Conflict):
    """The subscription, or what its account has beside it, was changed meanwhile; look at it again."""


class SubscriptionEnded(Conflict):
    """The subscription has ended; subscribe anew."""


class PausedAlready(Conflict):
    """The subscription is paused, or a pause is to come; wake it or cancel that pause first."""


class NotPaused(Conflict):
    """The subscription is not paused now."""


class NoPauseToCome(Conflict):
    """No pause is to come; what has begun is woken instead."""


class PassNotPaused(Conflict):
    """A pass has no fee that a pause would save; end it to get back what is unused."""


class BadPause(Invalid):
    """A pause begins now or later and ends after its beginning."""


class ChangeToCome(Conflict):
    """A change of plan is to come already; cancel it first."""


class NoChangeToCome(Conflict):
    """No change of plan is to come."""


class NothingToChange(Conflict):
    """The subscription has that plan, in that version and for so many seats, already."""


class PassNotChanged(Conflict):
    """A pass is no subscription that could go over to another plan, nor the other way round."""


class BadChange(Invalid):
    """A plan is changed from now or a later instant on."""


class UnknownConfirmation(NotFound):
    """There is no confirmation of that number."""
