"""The mobile door: what a customer's app calls, with the customer's own access token."""

from chalice.app import CORSConfig

from chalicelib.edge.callers import customer
from chalicelib.edge.door import Door
from chalicelib.edge.wiring import Wiring

wired = Wiring()
app = Door(
    "mobile",
    wired=lambda: wired,
    authenticate=customer,
    cors=CORSConfig(
        allow_origin="*",
        allow_headers=["Authorization", "Adgang-Account", "Idempotency-Key", "X-Correlation-Id"],
        expose_headers=["Idempotency-Replayed", "X-Correlation-Id"],
        max_age=600,
    ),
    desks=(
        "chalicelib.edge.sharing_desk.SharingDesk",
        "chalicelib.edge.moving_desk.MovingDesk",
        "chalicelib.edge.booking_desk.BookingDesk",
        "chalicelib.edge.waiting_desk.WaitingDesk",
        "chalicelib.edge.charge_desk.ChargeDesk",
        "chalicelib.edge.wallet_desk.WalletDesk",
        "chalicelib.edge.sign_in_desk.SignInDesk",
        "chalicelib.edge.who_desk.WhoDesk",
        "chalicelib.edge.payment_desk.PaymentDesk",
        "chalicelib.edge.offer_desk.OfferDesk",
        "chalicelib.edge.session_desk.SessionDesk",
        "chalicelib.edge.receipt_desk.ReceiptDesk",
        "chalicelib.edge.bill_desk.BillDesk",
        "chalicelib.edge.account_desk.AccountDesk",
        "chalicelib.edge.document_desk.DocumentDesk",
        "chalicelib.edge.me_desk.MeDesk",
        "chalicelib.edge.month_desk.MonthDesk",
        "chalicelib.edge.own_data_desk.OwnDataDesk",
        "chalicelib.edge.wishes_desk.WishesDesk",
        "chalicelib.edge.scan_desk.ScanDesk",
        "chalicelib.edge.subscription_desk.SubscriptionDesk",
        "chalicelib.edge.withdrawal_desk.WithdrawalDesk",
    ),
)
