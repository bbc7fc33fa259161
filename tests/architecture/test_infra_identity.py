"""Who signs in, and how: read off infra/identity.yaml."""

from pathlib import Path

from infra.cloudformation import load, resources

IDENTITY = load(Path("infra/identity.yaml"))["Resources"]
POOLS = resources({"Resources": IDENTITY}, "AWS::Cognito::UserPool")
CLIENTS = resources({"Resources": IDENTITY}, "AWS::Cognito::UserPoolClient")


def test_no_staff_member_signs_in_without_a_second_factor() -> None:
    """
    ON, not OPTIONAL, and by an app: a code by text message can be redirected.
    """
    staff = IDENTITY["Staff"]["Properties"]

    assert (staff["MfaConfiguration"], staff["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])


def test_staff_are_let_in_by_an_administrator_alone() -> None:
    """
    Nobody signs up as staff, and nobody recovers a staff account without an administrator.
    """
    staff = IDENTITY["Staff"]["Properties"]

    assert staff["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert [each["Name"] for each in staff["AccountRecoverySetting"]["RecoveryMechanisms"]] == ["admin_only"]


def test_the_groups_that_open_the_finance_door_are_staff_groups() -> None:
    """
    A customer can never come to be in one of them: they are in another pool.
    """
    groups = resources({"Resources": IDENTITY}, "AWS::Cognito::UserPoolGroup").values()

    assert {each["Properties"]["GroupName"] for each in groups} == {"auditor", "finance", "finance-read", "operator"}
    assert all(each["Properties"]["UserPoolId"] == {"Ref": "Staff"} for each in groups)


def test_passwords_are_long() -> None:
    """
    At least 12 characters for customers, 16 for staff.
    """
    lengths = {name: pool["Properties"]["Policies"]["PasswordPolicy"]["MinimumLength"] for name, pool in POOLS.items()}

    assert lengths == {"Customers": 12, "Staff": 16}


def test_a_pool_outlives_its_stack() -> None:
    """
    Customers' ids are minted by the pool; without it their agreements have no owner.
    """
    for pool in POOLS.values():
        assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == ("Retain", "Retain")
        assert pool["Properties"]["DeletionProtection"] == "ACTIVE"


def test_an_app_keeps_no_secret_and_shows_no_password() -> None:
    """
    Authorization code or SRP: the implicit flow and plain passwords are off.
    """
    for client in CLIENTS.values():
        assert client["Properties"]["GenerateSecret"] is False
        assert client["Properties"]["AllowedOAuthFlows"] == ["code"]
        assert client["Properties"]["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_a_stolen_token_is_of_little_use() -> None:
    """
    Fifteen minutes, revocable, and a sign-in never tells whether somebody is a customer.
    """
    for client in CLIENTS.values():
        properties = client["Properties"]
        assert (properties["AccessTokenValidity"], properties["TokenValidityUnits"]["AccessToken"]) == (15, "minutes")
        assert properties["EnableTokenRevocation"] is True
        assert properties["PreventUserExistenceErrors"] == "ENABLED"
