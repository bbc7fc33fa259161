"""The two user pools of `infra/identity.yaml`, played by moto's Cognito, with a sign-in that asks for no password.

A second factor cannot be played: locally, staff sign in without one. Subjects come from the seed and the name, so that
a second run knows the same people by the same ids.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from moto.core import models as moto_core
from moto.moto_api._internal import mock_random

from infra.cloudformation import load, resources
from infra.local.apps import REGION
from infra.local.engine import Engine

IDENTITY = Path(__file__).resolve().parent.parent / "identity.yaml"
STAFF_DOMAIN = "staff.example"
_PASSWORD = "Local-run-0nly!"  # noqa: S105 -- opens nothing but this machine


class UnknownGroupError(ValueError):
    """There is no such group of staff."""


@dataclass(frozen=True)
class Pool:
    """One user pool with its app client."""

    name: str
    pool_id: str
    client_id: str

    @property
    def issuer(self) -> str:
        """Whose name stands in the pool's tokens."""
        return f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool_id}"


class Identity:
    """Customers and staff. The token of whoever signs in is a real RS256 one, made at wall time."""

    def __init__(self, engine: Engine, seed: int | str = 0) -> None:
        self._engine = engine
        self._seed = seed
        self._cognito = engine.client("cognito-idp")
        template = load(IDENTITY)
        self.customers = self._create(template, "Customers", "CustomerApp")
        self.staff = self._create(template, "Staff", "StaffTool")
        self.groups = frozenset(
            str(each["Properties"]["GroupName"]) for each in resources(template, "AWS::Cognito::UserPoolGroup").values()
        )
        for group in sorted(self.groups):
            self._cognito.create_group(UserPoolId=self.staff.pool_id, GroupName=group)

    def sign_in(self, email: str) -> str:
        """An access token for a customer, who is signed up on first sight."""
        return self._token(self.customers, email.lower())

    def staff_sign_in(self, name: str, groups: Iterable[str]) -> str:
        """An access token for a member of staff who is in exactly these groups from now on."""
        wanted = set(groups)
        if not wanted <= self.groups:
            unknown, known = (", ".join(sorted(each)) for each in (wanted - self.groups, self.groups))
            raise UnknownGroupError(f"groups: there is no {unknown}; there are {known}")
        email = name.lower() if "@" in name else f"{name.lower()}@{STAFF_DOMAIN}"
        self._known(self.staff, email)
        user = {"UserPoolId": self.staff.pool_id, "Username": email}
        now_in = {each["GroupName"] for each in self._cognito.admin_list_groups_for_user(**user)["Groups"]}
        for group in sorted(now_in - wanted):
            self._cognito.admin_remove_user_from_group(**user, GroupName=group)
        for group in sorted(wanted - now_in):
            self._cognito.admin_add_user_to_group(**user, GroupName=group)
        return self._token(self.staff, email)

    def jwks(self, pool: Pool) -> bytes:
        """The public keys by which the pool's tokens can be verified."""
        address = f"{pool.issuer}/.well-known/jwks.json"
        request = AWSPreparedRequest("GET", address, {}, b"", stream_output=False)
        answer = moto_core.botocore_stubber.process_request(request)
        if answer is None:
            raise LookupError(address)
        body: str | bytes = answer[2]
        return body if isinstance(body, bytes) else body.encode()

    def _token(self, pool: Pool, email: str) -> str:
        self._known(pool, email)
        signed_in = self._cognito.admin_initiate_auth(
            UserPoolId=pool.pool_id,
            ClientId=pool.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": _PASSWORD},
        )
        return str(signed_in["AuthenticationResult"]["AccessToken"])

    def _known(self, pool: Pool, email: str) -> None:
        user = {"UserPoolId": pool.pool_id, "Username": email}
        with self._engine.lock, _as_random_as(f"{self._seed}:{pool.name}:{email}"):
            try:
                self._cognito.admin_create_user(**user, MessageAction="SUPPRESS")
            except self._cognito.exceptions.UsernameExistsException:
                return
            self._cognito.admin_set_user_password(**user, Password=_PASSWORD, Permanent=True)

    def _create(self, template: dict[str, Any], pool: str, client: str) -> Pool:
        properties = template["Resources"][pool]["Properties"]
        made = self._cognito.create_user_pool(
            PoolName=f"adgang-local-{pool.lower()}",
            UsernameAttributes=properties["UsernameAttributes"],
            AutoVerifiedAttributes=properties["AutoVerifiedAttributes"],
            AdminCreateUserConfig=properties["AdminCreateUserConfig"],
        )
        pool_id = made["UserPool"]["Id"]
        app = self._cognito.create_user_pool_client(UserPoolId=pool_id, ClientName=f"adgang-local-{client.lower()}")
        return Pool(pool.lower(), pool_id, app["UserPoolClient"]["ClientId"])


@contextmanager
def _as_random_as(seed: str) -> Iterator[None]:
    """While inside, moto draws its ids from this seed; afterwards it goes on where it was."""
    before = mock_random.getstate()
    mock_random.seed(seed)
    try:
        yield
    finally:
        mock_random.setstate(before)
