"""Settings: declared, typed, read from the environment once, checked at start. Secrets from it or from SSM only."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from chalicelib.kernel.money import decimals_of
from chalicelib.kernel.time import zone as zone_named


class SettingMissing(Exception):  # noqa: N818 -- read as what it says
    """A setting that this function needs is not there, or makes no sense."""


@dataclass(frozen=True)
class Settings:
    """What differs between stages. The README's table says what each is for."""

    environment: Mapping[str, str]

    def required(self, name: str) -> str:
        """The variable, or `SettingMissing`."""
        value = self.environment.get(name, "")
        if not value:
            raise SettingMissing(name)
        return value

    def optional(self, name: str, default: str) -> str:
        """The variable, or what it is by default."""
        return self.environment.get(name) or default

    @cached_property
    def stage(self) -> str:
        """Names the stack and its tables."""
        return self.required("ADGANG_STAGE")

    @cached_property
    def lean_client(self) -> bool:
        """Whether DynamoDB is called through the client of our own; else through botocore's."""
        client = self.optional("DYNAMODB_CLIENT", "botocore")
        if client not in {"botocore", "lean"}:
            raise SettingMissing("DYNAMODB_CLIENT is botocore or lean")
        return client == "lean"

    @property
    def table_prefix(self) -> str:
        """What the stage's table names begin with."""
        return f"adgang-{self.stage}-"

    @cached_property
    def restored_tables(self) -> dict[str, str]:
        """Areas whose table was restored from its backup under another name, `area=name` with commas between."""
        pairs = [each.partition("=") for each in self.environment.get("ADGANG_TABLES", "").split(",") if each]
        found = {area.strip(): name.strip() for area, _, name in pairs}
        if not all(area.isalpha() and name for area, name in found.items()):
            raise SettingMissing("ADGANG_TABLES: area=name pairs with commas between")
        return found

    def table(self, area: str) -> str:
        """The name of an area's table."""
        return self.restored_tables.get(area, f"{self.table_prefix}{area}")

    @cached_property
    def zone(self) -> str:
        """The operator's time zone: where months begin."""
        name = self.required("ADGANG_ZONE")
        zone_named(name)
        return name

    @cached_property
    def mode(self) -> str:
        """`test` or `live`: which API keys and which of Stripe's events are taken."""
        mode = self.required("ADGANG_MODE")
        if mode not in {"test", "live"}:
            raise SettingMissing("ADGANG_MODE is test or live")
        return mode

    @cached_property
    def currency(self) -> str:
        """In which currency accounts settle."""
        currency = self.optional("ADGANG_CURRENCY", "EUR")
        decimals_of(currency)
        return currency

    @cached_property
    def terms_version(self) -> str:
        """The terms that a customer has to accept to sign up."""
        return self.optional("ADGANG_TERMS", "1")

    @cached_property
    def wallet_across_partners(self) -> bool:
        """Whether what customers put into their wallets may pay all partners' products; else they name one partner."""
        pays = self.optional("ADGANG_WALLET_PAYS", "partner")
        if pays not in {"partner", "all"}:
            raise SettingMissing("ADGANG_WALLET_PAYS is partner or all")
        return pays == "all"

    @cached_property
    def tax_by_stripe(self) -> bool:
        """Whether Stripe Tax decides the tax in bills; else it is that of the rates that finance has stated."""
        tax = self.optional("ADGANG_TAX", "own")
        if tax not in {"own", "stripe"}:
            raise SettingMissing("ADGANG_TAX is own or stripe")
        return tax == "stripe"

    @cached_property
    def close_grace(self) -> timedelta:
        """How long after a month's end late reports still count for it before the timer closes it."""
        return timedelta(hours=int(self.optional("ADGANG_CLOSE_GRACE_HOURS", "3")))

    @cached_property
    def export_retention(self) -> tuple[str, int] | None:
        """How, and for how many days, each file of an export is locked; None: as the bucket says."""
        days, mode = (
            int(self.optional("EXPORT_RETENTION_DAYS", "3653")),
            self.optional("EXPORT_RETENTION_MODE", "GOVERNANCE"),
        )
        if not 0 <= days <= 36_500 or mode not in {"GOVERNANCE", "COMPLIANCE"}:  # noqa: PLR2004 -- a hundred years
            raise SettingMissing("EXPORT_RETENTION_DAYS is from 0 to 36500, EXPORT_RETENTION_MODE a mode of S3's")
        return (mode, days) if days else None

    @cached_property
    def pepper(self) -> bytes:
        """Goes into the hash of API keys."""
        return self.secret("KEY_PEPPER", "PEPPER_PARAMETER").encode()

    @cached_property
    def quote_keys(self) -> dict[str, str]:
        """`id:secret` pairs with commas between: the first signs, all of them verify, so that keys can rotate."""
        pairs = [pair.partition(":") for pair in self.secret("QUOTE_KEYS", "QUOTE_KEYS_PARAMETER").split(",")]
        keys = {name.strip(): value.strip() for name, _, value in pairs}
        if not all(name and len(value) >= 32 for name, value in keys.items()):  # noqa: PLR2004 -- RFC 7518, 3.2
            raise SettingMissing("QUOTE_KEYS: id:secret pairs, each secret of 32 characters or more")
        return keys

    @cached_property
    def grant_keys(self) -> dict[str, bytes]:
        """`id:private` pairs of Ed25519 keys in base64: the first signs, the public halves of all are published."""
        pairs = [pair.partition(":") for pair in self.secret("GRANT_KEYS", "GRANT_KEYS_PARAMETER").split(",")]
        try:
            keys = {name.strip(): b64decode(value.strip(), validate=True) for name, _, value in pairs}
        except ValueError:
            keys = {}
        if not keys or not all(name and len(value) == 32 for name, value in keys.items()):  # noqa: PLR2004 -- RFC 8032
            raise SettingMissing("GRANT_KEYS: id:private pairs, each private key 32 bytes in base64")
        return keys

    @cached_property
    def stripe_key(self) -> str:
        """This door's restricted key."""
        return self.secret("STRIPE_API_KEY", "STRIPE_KEY_PARAMETER")

    @cached_property
    def stripe_calls_per_second(self) -> int:
        """How many calls of Stripe all workers make together; 0: nobody counts."""
        rate = int(self.optional("STRIPE_CALLS_PER_SECOND", "0"))
        if not 0 <= rate <= 1000:  # noqa: PLR2004 -- ten times what Stripe takes
            raise SettingMissing("STRIPE_CALLS_PER_SECOND is from 0 to 1000")
        return rate

    @cached_property
    def stripe_webhook_secret(self) -> str:
        """What Stripe signs its webhooks with."""
        return self.secret("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET_PARAMETER")

    @cached_property
    def stripe_connect_webhook_secret(self) -> str | None:
        """What Stripe signs the events of connected accounts with, where another endpoint is registered for them."""
        name, parameter = "STRIPE_CONNECT_WEBHOOK_SECRET", "STRIPE_CONNECT_WEBHOOK_SECRET_PARAMETER"
        said = self.environment.get(name) or self.environment.get(parameter)
        return self.secret(name, parameter) if said else None

    @property
    def verifier_url(self) -> str:
        """Where the verifier of identities, ages and licences is; nobody checks them where it is not said."""
        return self.environment.get("VERIFIER_URL", "")

    @cached_property
    def verifier_key(self) -> str:
        """What the verifier knows us by."""
        return self.secret("VERIFIER_KEY", "VERIFIER_KEY_PARAMETER")

    def secret(self, name: str, parameter: str) -> str:
        """From the variable, or decrypted from the SSM parameter that another variable names."""
        if self.environment.get(name):
            return self.environment[name]
        import boto3  # noqa: PLC0415 -- only where a secret is in SSM, once in a process's life

        ssm: Any = boto3.client("ssm")
        found = ssm.get_parameter(Name=self.required(parameter), WithDecryption=True)
        value: str = found["Parameter"]["Value"]
        return value
