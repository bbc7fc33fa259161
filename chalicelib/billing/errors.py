"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PaymentDue, TooMuch, Unavailable


class PaymentNotInOrder(PaymentDue):
    """Save a payment method first, or another one if a payment has failed."""


class HoldDeclined(PaymentDue):
    """The bank does not hold what this product asks for; choose another payment method, or see to the one you have."""


class HoldNeedsAuthentication(PaymentDue):
    """The bank wants you to confirm the hold: hand `client_secret` to Stripe, and start again with the same quote."""


class HoldChanged(Conflict):
    """What is held was changed meanwhile; start again."""


class PayerGone(Conflict):
    """The payment provider does not know the account any more; save a payment method anew."""


class UnknownMethod(NotFound):
    """The account has no such payment method."""


class DefaultMethod(Conflict):
    """This payment method is the one that is charged; choose another one before."""


class StillOwed(Conflict):
    """Something is open, unpaid, claimed or to be billed, or a fee goes on; the last payment method goes after that."""


class PayerChanged(Conflict):
    """The payment details were changed meanwhile."""


class SettlementChanged(Conflict):
    """The month was settled by another worker meanwhile."""


class UnknownAccount(NotFound):
    """There is no account of this name."""


class UnknownInvoice(NotFound):
    """This account has no such invoice."""


class UnknownStatement(NotFound):
    """This month is not stated: it is not closed yet, nothing was used in it, or no share was agreed for it."""


class NothingToPay(Conflict):
    """The invoice is paid, or on its way, or for you to pay at its link; there is nothing to try again."""


class UnknownProof(NotFound):
    """This account has no such proof."""


class UnknownLine(NotFound):
    """The account's statement of that month has no such line, or none that you may see."""


class MonthBegun(Conflict):
    """What holds for a month is said before it begins."""


class RatesSetMeanwhile(Conflict):
    """Other rates were set at this instant; look at them, and set yours again."""


class StatementChanged(Conflict):
    """The month was stated by another worker meanwhile."""


class NoPayoutAccount(NotFound):
    """There is no account yet to which your share could be sent; open one."""


class PayoutAccountChanged(Conflict):
    """The account was changed meanwhile."""


class DueKnown(Conflict):
    """The amount waits, or was sent, already."""


class PayingChanged(Conflict):
    """Another worker pays this partner just now."""


class MovementRefused(Conflict):
    """The payment provider refuses to move this amount."""


class CannotReceive(MovementRefused):
    """It moves nothing to this partner's account: whatever else would be sent it would refuse as well."""


class ProviderShut(Conflict):
    """The payment provider lets nobody with our key read this: a right is missing, or the key is none any more."""


class NotPaid(Conflict):
    """The invoice is not paid: there is nothing to take back of it."""


class CollectionStopped(Unavailable):
    """Nothing is collected just now; it goes on when finance says so."""


class AlreadyWaits(Conflict):
    """The invoice waits already."""


class SwitchTurned(Conflict):
    """The switch was turned by somebody else meanwhile; look at it again."""


class PolicySet(Conflict):
    """Another policy was set at this instant; look at it, and set yours again."""


class UnknownCreditNote(NotFound):
    """This account has no such credit note."""


class CreditNoteClosed(Conflict):
    """Nothing of this credit note is left to choose about."""


class CreditNoteChanged(Conflict):
    """What becomes of the account's credit was changed meanwhile."""


class RefundTooMuch(Invalid):
    """This is more than is left of what was paid."""


class NotMovable(Invalid):
    """Money of this currency is moved in larger steps."""


class PrefixTaken(Conflict):
    """Another series has this prefix; their numbers would be mistaken for one another."""


class RefundRefused(Conflict):
    """The payment provider refuses to give this amount back."""


class NumberTaken(Conflict):
    """Another document took this number meanwhile."""


class NothingToConfirm(NotFound):
    """No bank asks for you about what is held for this session."""


class UnknownSeller(NotFound):
    """Finance has stated no seller of this id."""


class SellingChanged(Conflict):
    """Who sells this was said by somebody else at the same instant."""


class TermSet(Conflict):
    """Somebody else has decided about this payment term meanwhile."""


class SellerChanged(Conflict):
    """The seller was changed meanwhile."""


class BuyerChanged(Conflict):
    """The details were changed meanwhile."""


class NotParked(NotFound):
    """The account is not parked for this month."""


class EventKnown(Conflict):
    """The event is stored already."""


class SignatureRefused(Forbidden):
    """The webhook's signature, its age, or its mode does not fit."""


class CallsReserved(Conflict):
    """Another worker has reserved these calls meanwhile."""


class TaxRefused(Conflict):
    """The tax in this cannot be calculated, or not be recorded."""


class TaxedSaleChanged(Conflict):
    """What is known of the tax of a sale was changed by another worker meanwhile."""


class CollectorUnavailable(Unavailable):
    """The payment provider cannot be reached now."""


class ThresholdInvalid(Invalid):
    """A threshold, above zero, belongs to the policy of that name and to no other."""


class NotAPastMonth(Invalid):
    """A tariff is tried on a month that is over."""


class SimulationTooLarge(TooMuch):
    """This is more than one call tries; send fewer uses, or a smaller tariff."""


class UnknownDispute(NotFound):
    """There is no such dispute."""


class DisputeChanged(Conflict):
    """The dispute was changed by another worker meanwhile."""


class NotLost(Conflict):
    """Only a dispute that was lost can be made good."""


class UnknownEvidence(NotFound):
    """Nobody has asked for this dispute's evidence yet."""


class NotFailedForGood(Conflict):
    """Only an invoice whose payment failed, and that is not tried again by itself, can be written off."""


class ComparisonChanged(Conflict):
    """The comparison was carried on by another worker meanwhile."""


class UnknownComparison(NotFound):
    """Nothing was compared on this day."""


class UnknownOutsideRefund(NotFound):
    """Nobody has asked to have this refund booked."""


class OutsideChanged(Conflict):
    """Somebody else has decided about this refund meanwhile."""


class LotOverdrawn(Conflict):
    """A part of the wallet would come to less than nothing, or to more than was put in."""


class WalletChanged(Conflict):
    """The wallet was changed meanwhile."""


class TopUpAmountInvalid(Invalid):
    """What is put into a wallet at once is bounded; the facts say how."""


class WalletPerPartner(Invalid):
    """Here a wallet pays one partner's products alone: name the partner."""


class PartnerOffersNothing(Invalid):
    """No partner of this name offers anything that this could pay."""


class MethodNeeded(PaymentDue):
    """Save a card or wallet first: the amount is charged to it."""


class TopUpDeclined(PaymentDue):
    """The bank has declined this payment; nothing was charged."""


class GiftRefused(NotFound):
    """No gift is to be had for this code: it may be mistyped, not paid yet, taken already, or over."""


class PayoutWithOpenSession(Conflict):
    """A session is open or reserved: end it first. What it costs is billed, and the rest of the wallet is paid out."""


class PayoutWithUnpaidInvoice(Conflict):
    """An invoice is unpaid: pay it first. Then the whole wallet can be paid out."""


class NothingToPayOut(Conflict):
    """There is nothing in the wallet that can be paid out."""


class ValidUntilPast(Invalid):
    """What is given has to be good for some time yet."""
