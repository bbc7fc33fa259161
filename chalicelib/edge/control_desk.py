"""When accounts are settled, and the switch that stops all collection, at the finance door."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.billing.collection_switch import Switch, turn
from chalicelib.billing.errors import UnknownAccount
from chalicelib.billing.triggers import SettlementPolicy, policy_of, set_policy
from chalicelib.edge import control_shapes as shapes
from chalicelib.edge.call import Call
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.routes import get, put
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.edge.wiring_finance import BackOffice

_MOST_TURNS = 20


class ControlDesk:
    """Finance says when accounts are settled, and whether anything is collected."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @put("/v1/settlement-policy", takes=shapes.PolicyBody, shows=shapes.show_policy, needs=ACT)
    def put_policy(self, call: Call[Staff, shapes.PolicyBody]) -> SettlementPolicy:
        """Settle accounts as sessions end, once enough is unbilled, or at the close; at once, or from a month on."""
        return self._set(call, "")

    @get("/v1/settlement-policy", shows=shapes.show_policy, needs=READ)
    def policy(self, call: Call[Staff, None]) -> SettlementPolicy:
        """What accounts go by this month."""
        return policy_of("", self._running(call.now), policies=self._wired.control)

    @put("/v1/accounts/{account_id}/settlement-policy", takes=shapes.OwnPolicyBody, shows=shapes.show_policy, needs=ACT)
    def put_own_policy(self, call: Call[Staff, shapes.OwnPolicyBody], account_id: str) -> SettlementPolicy:
        """The same for one account, before what holds for all."""
        self._check_known(account_id)
        return self._set(call, account_id)

    @get("/v1/accounts/{account_id}/settlement-policy", shows=shapes.show_policy, needs=READ)
    def own_policy(self, call: Call[Staff, None], account_id: str) -> SettlementPolicy:
        """What an account goes by this month."""
        self._check_known(account_id)
        return policy_of(account_id, self._running(call.now), policies=self._wired.control)

    @put("/v1/collection", takes=shapes.SwitchBody, needs=ACT)
    def put_collection(self, call: Call[Staff, shapes.SwitchBody]) -> shapes.CollectionShown:
        """Stop all collection, or release it: what is due by then is collected."""
        turn(
            stopped=call.body.stopped,
            by=call.caller.subject,
            note=call.body.note,
            switches=self._wired.control,
            now=call.now,
            commit=call.commit,
        )
        return self._shown()

    @get("/v1/collection", needs=READ)
    def collection(self, _call: Call[Staff, None]) -> shapes.CollectionShown:
        """Whether collection is stopped, how much waits, and who turned the switch and why."""
        return self._shown()

    def _set(
        self, call: Call[Staff, shapes.PolicyBody] | Call[Staff, shapes.OwnPolicyBody], who: str
    ) -> SettlementPolicy:
        wired = self._wired
        policy = shapes.policy_of(call.body, self._running(call.now), wired.settings.currency)
        mine = replace(policy, account_id=who, set_by=call.caller.subject, set_at=call.now)
        return set_policy(mine, wired.settings.zone, policies=wired.control, commit=call.commit)

    def _running(self, now: datetime) -> Month:
        return Month.of(now, self._wired.settings.zone)

    def _check_known(self, account_id: str) -> None:
        if self._wired.agreements.find(account_id) is None:
            raise UnknownAccount(account_id=account_id)

    def _shown(self) -> shapes.CollectionShown:
        control = self._wired.control
        switch: Switch = control.switch()
        return shapes.show_collection(switch, control.left(), list(control.turns(limit=_MOST_TURNS)))
