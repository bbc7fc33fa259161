"""The operator's policy of charges is read from two settings, and the shapes say what the rules say."""

from datetime import timedelta
from typing import get_args

import pytest

from chalicelib.billing import owed_model
from chalicelib.edge import charge_shapes
from chalicelib.edge.settings import SettingMissing, Settings
from chalicelib.edge.wiring_charges import charge_policy
from chalicelib.kernel.money import Money
from chalicelib.rating.stated import CHARGE_KINDS


def test_without_settings_a_charge_is_at_most_2000_and_a_customer_has_14_days() -> None:
    policy = charge_policy(Settings({}))

    assert policy.most == Money(200_000, "EUR")
    assert {policy.objection_period(kind) for kind in CHARGE_KINDS} == {timedelta(days=14)}


def test_a_kind_may_have_a_period_of_its_own() -> None:
    policy = charge_policy(Settings({"ADGANG_CHARGE_MOST": "50.50", "ADGANG_OBJECTION_DAYS": "7, fine=30,loss=21"}))

    assert policy.most == Money(5050, "EUR")
    assert [policy.objection_period(kind).days for kind in ("damage", "fine", "loss")] == [7, 30, 21]


@pytest.mark.parametrize(
    "setting",
    [
        {"ADGANG_CHARGE_MOST": "0"},
        {"ADGANG_CHARGE_MOST": "much"},
        {"ADGANG_OBJECTION_DAYS": "0"},
        {"ADGANG_OBJECTION_DAYS": "366"},
        {"ADGANG_OBJECTION_DAYS": "fine=3"},
        {"ADGANG_OBJECTION_DAYS": "14,gift=3"},
        {"ADGANG_OBJECTION_DAYS": "14,fine"},
    ],
)
def test_a_policy_that_makes_no_sense_stops_the_function(setting: dict[str, str]) -> None:
    with pytest.raises(SettingMissing):
        charge_policy(Settings(setting))


@pytest.mark.parametrize("rate", ["-1", "1001"])
def test_so_does_a_rate_of_calls(rate: str) -> None:
    with pytest.raises(SettingMissing):
        _ = Settings({"STRIPE_CALLS_PER_SECOND": rate}).stripe_calls_per_second


def test_the_shapes_know_the_rules_kinds_states_and_bounds_without_loading_them() -> None:
    assert get_args(charge_shapes.Kind) == CHARGE_KINDS
    assert get_args(charge_shapes.State) == tuple(str(each) for each in owed_model.ChargeState)
    assert charge_shapes.MOST_BYTES == owed_model.MOST_BYTES


def test_unless_the_operator_says_so_what_is_in_wallets_goes_across_no_partners() -> None:
    assert [Settings({"ADGANG_WALLET_PAYS": each}).wallet_across_partners for each in ("partner", "all")] == [
        False,
        True,
    ]
    assert Settings({}).wallet_across_partners is False
    with pytest.raises(SettingMissing):
        _ = Settings({"ADGANG_WALLET_PAYS": "everybody"}).wallet_across_partners
