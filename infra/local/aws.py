"""What CloudFormation makes in production, made on the engine: tables, queues, bucket, pools, secrets, settings."""

import hashlib
import os
from base64 import b64encode

from infra.local.apps import ACCOUNT, REGION
from infra.local.calls import CallRecord
from infra.local.engine import Engine
from infra.local.environments import environment_of, parameters_of
from infra.local.identity import Identity
from infra.local.objects import PREFIX as OBJECTS
from infra.local.stripe_keys import key_of
from infra.tables import create_all, create_bucket, create_queues

STAGE = "local"
_DOORS = ("mobile", "partner", "finance", "workers")
_TEST_KEYS = ("sk_test_", "rk_test_")


class LiveKeyError(ValueError):
    """The local run never moves real money."""


class Aws:
    """The stage `local`. With `STRIPE_API_KEY=sk_test_...` in the environment, the doors talk to Stripe's test mode."""

    def __init__(self, engine: Engine, seed: str, address: str) -> None:
        self._seed = seed
        self._address = address
        given = os.environ.get("STRIPE_API_KEY", "")
        if given and not given.startswith(_TEST_KEYS):
            raise LiveKeyError("STRIPE_API_KEY has to be a key of Stripe's test mode: sk_test_... or rk_test_...")
        self.real_stripe = bool(given)
        self.stripe_key = given or "sk_test_local"
        self.webhook_secret = (os.environ.get("STRIPE_WEBHOOK_SECRET") if given else None) or "whsec_local"
        connect = os.environ.get("STRIPE_CONNECT_WEBHOOK_SECRET") if given else None
        self.connect_webhook_secret = connect or "whsec_local_connect"
        self.calls = CallRecord(STAGE)
        self.tables = create_all(engine.client("dynamodb"), STAGE)
        self.queues = create_queues(engine.client("sqs"), STAGE)
        self.bucket = create_bucket(engine.client("s3"), STAGE)
        self.evidence_bucket = create_bucket(engine.client("s3"), STAGE, name="evidence")
        self.own_data_bucket = create_bucket(engine.client("s3"), STAGE, name="own-data")
        self.identity = Identity(engine, seed)
        self._exports = self._outputs()
        self._keep_secrets(engine)
        self.timer_group = f"adgang-{STAGE}-timers"
        engine.client("scheduler").create_schedule_group(Name=self.timer_group)

    def environment_of(self, door: str) -> dict[str, str]:
        """The door's environment variables: those of its template, with this machine's addresses."""
        # moto is in this process, behind botocore, and has no address; calls are noted at botocore, too
        instead = {"DYNAMODB_CLIENT": "botocore"}
        instead |= {
            "TIMER_GROUP": f"adgang-{STAGE}-timers",
            "TIMER_TARGET_ARN": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:adgang-workers-{STAGE}-timer",
            "TIMER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/adgang-{STAGE}-timer",
            "TIMER_FAILURES_ARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:adgang-{STAGE}-timer-failures",
        }
        instead["ADGANG_WALLET_PAYS"] = "all"  # so that both kinds of top-ups can be tried
        instead["VERIFIER_URL"] = f"{self._address}/verifier"
        if not self.real_stripe:
            instead |= {"STRIPE_API_BASE": f"{self._address}/stripe", "STRIPE_CALLS_PER_SECOND": "0"}
        environment = environment_of(door, STAGE, self._exports, instead)
        if environment.keys() & {"EXPORTS_BUCKET", "EVIDENCE_BUCKET", "OWN_DATA_BUCKET"}:
            environment["OBJECTS_ENDPOINT"] = self._address + OBJECTS
        return environment

    @property
    def verifier_key(self) -> str:
        """What the double of the verifier knows the mobile door by."""
        return self._secret(f"/adgang/{STAGE}/mobile/verifier-key")

    @property
    def currency(self) -> str:
        """What accounts settle in."""
        return self.environment_of("mobile")["ADGANG_CURRENCY"]

    def _outputs(self) -> dict[str, str]:
        """What other stacks export in production, by the export's name without `adgang-<stage>-`."""
        outputs = {"exports-bucket": self.bucket, "evidence-bucket": self.evidence_bucket}
        outputs["own-data-bucket"] = self.own_data_bucket
        outputs |= {f"{name}-url": url for name, url in self.queues.items()}
        for pool in (self.identity.customers, self.identity.staff):
            keys = f"{self._address}/local/jwks/{pool.name}"
            outputs |= {
                f"{pool.name}-issuer": pool.issuer,
                f"{pool.name}-client": pool.client_id,
                f"{pool.name}-jwks": keys,
            }
        return outputs

    def _keep_secrets(self, engine: Engine) -> None:
        """Put every secret that a door is told to read where it reads it."""
        names = {name for door in _DOORS for name in parameters_of(self.environment_of(door))}
        for name in sorted(names):
            engine.client("ssm").put_parameter(Name=name, Value=self._secret(name), Type="SecureString")

    def _secret(self, name: str) -> str:
        if name.endswith("/stripe-key"):
            return self.stripe_key if self.real_stripe else key_of(name.split("/")[-2])
        if name.endswith("/stripe-webhook-secret"):
            return self.webhook_secret
        if name.endswith("/stripe-connect-webhook-secret"):
            return self.connect_webhook_secret
        made = hashlib.sha256(f"{self._seed}:{name}".encode()).hexdigest()
        if name.endswith("/grant-keys"):
            return f"local:{b64encode(bytes.fromhex(made)).decode()}"
        return f"local:{made}" if name.endswith("/quote-keys") else made
