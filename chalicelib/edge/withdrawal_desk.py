"""The mobile door's routes by which I withdraw from a subscription, and answer to a change that was announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Right
from chalicelib.edge.acting_for import acting
from chalicelib.edge.call import Call
from chalicelib.edge.law_shapes import ToldShown, WithdrawalBody, WithdrawalShown, receipt_page, show_heard
from chalicelib.edge.law_shapes import show_withdrawal as show
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.routes import get, post

if TYPE_CHECKING:
    from chalicelib.edge import wiring_law
    from chalicelib.edge.wiring import Wiring
    from chalicelib.subscriptions import announcing, withdrawing
else:
    announcing = lazily("chalicelib.subscriptions.announcing")
    withdrawing = lazily("chalicelib.subscriptions.withdrawing")
    wiring_law = lazily("chalicelib.edge.wiring_law")

_PAGE, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"


class WithdrawalDesk:
    """Customers withdraw in two steps, and keep the receipt."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _parts(self, call: Call[Claims, Any]) -> tuple[str, str, withdrawing.Withdrawing]:
        customer = acting(call, self._wired)
        parts = wiring_law.withdrawing_of(self._wired, call.now, call.commit, customer)
        return customer.account_id, customer.customer_id, parts

    @get("/v1/subscriptions/{subscription_id}/withdrawal", needs=Right.READ)
    def withdrawal(self, call: Call[Claims, None], subscription_id: str) -> WithdrawalShown:
        """Whether I may withdraw, until when, what it would come to now, and why not."""
        account_id, _, parts = self._parts(call)
        return show(withdrawing.look(account_id, subscription_id, parts=parts))

    @post(
        "/v1/subscriptions/{subscription_id}/withdrawal",
        needs=Right.PAY,
        takes=WithdrawalBody,
        shows=show,
    )
    def state_withdrawal(self, call: Call[Claims, WithdrawalBody], subscription_id: str) -> withdrawing.Looked:
        """The first step: say that I withdraw. It binds to nothing before it is confirmed."""
        account_id, by, parts = self._parts(call)
        body = call.body
        said = withdrawing.Statement(by, body.language, body.name, body.contact)
        return withdrawing.state(account_id, subscription_id, said, parts=parts)

    @post("/v1/subscriptions/{subscription_id}/withdrawal/confirmation", needs=Right.PAY, shows=show)
    def confirm_withdrawal(self, call: Call[Claims, None], subscription_id: str) -> withdrawing.Looked:
        """The second step: the subscription ends, and what is not owed is paid back. The receipt is mine to keep."""
        account_id, _, parts = self._parts(call)
        return withdrawing.confirm(account_id, subscription_id, parts=parts)

    @get("/v1/subscriptions/{subscription_id}/withdrawal/receipt.txt", needs=Right.READ, answers=_TEXT)
    def withdrawal_receipt(self, call: Call[Claims, None], subscription_id: str) -> str:
        """The receipt of my withdrawal, as it was given."""
        account_id, _, parts = self._parts(call)
        return withdrawing.receipt(account_id, subscription_id, withdrawals=parts.withdrawals).receipt

    @get("/v1/subscriptions/{subscription_id}/withdrawal/receipt.html", needs=Right.READ, answers=_PAGE)
    def withdrawal_receipt_page(self, call: Call[Claims, None], subscription_id: str) -> str:
        """The same as a page that a browser prints and a screen reader reads."""
        account_id, _, parts = self._parts(call)
        return receipt_page(withdrawing.receipt(account_id, subscription_id, withdrawals=parts.withdrawals))

    def _announcing(self, call: Call[Claims, Any]) -> tuple[str, announcing.Announcing]:
        account_id = acting(call, self._wired).account_id
        return account_id, wiring_law.announcing_of(self._wired, call.now, call.commit)

    @get("/v1/subscriptions/{subscription_id}/announcement", needs=Right.READ)
    def announced_change(self, call: Call[Claims, None], subscription_id: str) -> ToldShown:
        """The newest change of my plan that I was told of: from when, why, and the difference on my own past use."""
        account_id, parts = self._announcing(call)
        return show_heard(announcing.told_of(account_id, subscription_id, parts=parts)[1])

    @post("/v1/subscriptions/{subscription_id}/announcement/acceptance", needs=Right.PAY, shows=show_heard)
    def accept_announced(self, call: Call[Claims, None], subscription_id: str) -> announcing.Heard:
        """Say yes to it, where my silence does not."""
        account_id, parts = self._announcing(call)
        return announcing.accept(account_id, subscription_id, parts=parts)
