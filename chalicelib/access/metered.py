"""What metering may count for: a session; and an asset, for what is reported while nobody uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.access.model import AccessSession, NeedPolicy
from chalicelib.access.ports import Sessions
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.writes import Write
from chalicelib.metering.model import ALWAYS, Subject
from chalicelib.metering.ports import Heads
from chalicelib.metering.watching import Watch

_ASSET = "asset/"


def subject_of(session: AccessSession) -> Subject:
    """The session as metering sees it."""
    return Subject(
        subject=session.session_id,
        partner_id=session.partner_id,
        meters=session.meters,
        started_at=session.started_at,
        ended_at=session.ended_at,
        most_per_hour=session.most_per_hour,
        ends_by=session.policy.return_signals,
        watch=_watch(session.policy),
    )


def _watch(policy: NeedPolicy) -> Watch | None:
    """Where there is a grace, its end is to be told; where no signs show use, only a pause can begin it."""
    if not (policy.grace and policy.use_signals):
        return None
    return Watch(policy.use_signals, policy.rest_signals, policy.silence)


def subject_of_asset(asset: Asset) -> str:
    """What metering calls the asset; no session is called so."""
    return _ASSET + asset.asset_key


def is_asset(subject: str) -> bool:
    """Whether metering calls an asset so."""
    return subject.startswith(_ASSET)


def asset_named(subject: str) -> tuple[str, str]:
    """The partner and the asset that metering calls so."""
    partner_id, _, asset_id = subject.removeprefix(_ASSET).partition("/")
    return partner_id, asset_id


@dataclass(frozen=True, slots=True)
class MeteredSubjects:
    """Sessions and assets as subjects of metering. Satisfies `metering.ports.Subjects`."""

    sessions: Sessions
    catalogue: Catalogue
    heads: Heads
    now: datetime

    def known(self, subjects: Sequence[str]) -> Mapping[str, Subject]:
        """Those that are sessions or assets."""
        assets = [name for name in subjects if is_asset(name)]
        found = self.sessions.many([name for name in subjects if not is_asset(name)])
        known = {name: subject_of(each) for name, each in found.items()}
        return known | {name: each for name in assets if (each := self._asset(name)) is not None}

    def _asset(self, name: str) -> Subject | None:
        """Measured on it is what its product's newest tariff measures, and whatever its partner has defined."""
        partner_id, asset_id = asset_named(name)
        asset = self.catalogue.asset(partner_id, asset_id)
        product = self.catalogue.product(partner_id, asset.product_id) if asset else None
        if asset is None or product is None:
            return None
        tariff = self.catalogue.tariff(partner_id, product.product_id, product.tariff_version)
        meters = {meter.name: meter.unit for meter in tariff.meters} if tariff else {}
        defined = {each.name: each.unit for each in self.heads.meters(partner_id).values()}
        return Subject(name, partner_id, {**meters, **defined}, ALWAYS, None)

    def hearing(self, subject: Subject) -> Sequence[Write]:
        """A session is looked at again: what it is charged, if it has ended, and else whether it is over.

        So is an asset that told of a fault.
        """
        return [self.sessions.hear_again(subject.subject, self.now)]
