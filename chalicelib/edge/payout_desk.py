"""A partner's account for its share at the partner door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.edge.call import Call
from chalicelib.edge.lazily import lazily
from chalicelib.edge.payout_shapes import (
    MovementShown,
    PayoutBody,
    PayoutShown,
    show_account,
    show_again,
    show_movement,
    show_onboarded,
)
from chalicelib.edge.routes import NOTHING, get, post
from chalicelib.kernel.time import Month
from chalicelib.partners.model import ApiKey

if TYPE_CHECKING:
    from chalicelib.billing import onboarding
    from chalicelib.edge.wiring import Wiring
else:
    onboarding = lazily("chalicelib.billing.onboarding")


class PayoutDesk:
    """A partner has its share sent."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post("/v1/payout-account", takes=PayoutBody, shows=show_onboarded, saves=show_again)
    def open_payout_account(self, call: Call[ApiKey, PayoutBody]) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Open my account at Stripe, once, and get a link to answer Stripe's questions, as long as there are any."""
        wired = self._wired
        return onboarding.onboard(
            call.caller.partner_id,
            refresh_url=call.body.refresh_url,
            return_url=call.body.return_url,
            payouts=wired.payouts,
            provider=wired.partner_payments,
            now=call.now,
            commit=call.commit,
        )

    @get("/v1/payout-account", refuses=NOTHING)
    def payout_account(self, call: Call[ApiKey, None]) -> PayoutShown:
        """How my account stands, as Stripe has last said; what waits is sent as soon as it is ready."""
        account = onboarding.account_of(call.caller.partner_id, payouts=self._wired.payouts)
        return show_account(account)

    @get("/v1/payouts/{month}")
    def payouts(self, call: Call[ApiKey, None], month: str) -> list[MovementShown]:
        """What was sent to me and taken back in a month, in order."""
        found = self._wired.payouts.moved(call.caller.partner_id, Month.parse(month))
        return [show_movement(each) for each in found]
