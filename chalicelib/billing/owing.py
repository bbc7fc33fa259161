"""State a charge, show it, object, decide, accept, take it back: each change is one write, with its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.owed_errors import (
    ChargeSessionUnknown,
    ChargesTooMany,
    ChargeTimeInvalid,
    ChargeTooHigh,
    ChargeUndescribed,
    EvidenceMissing,
    EvidenceTooMuch,
    UnknownCharge,
    UnknownEvidence,
)
from chalicelib.billing.owed_model import (
    DUE,
    MOST_EVIDENCE,
    MOST_OF_A_SESSION,
    ChargePolicy,
    ChargeState,
    Evidence,
    PartnerCharge,
    Verdict,
)
from chalicelib.billing.owed_ports import (
    Charges,
    EvidenceFiles,
    SessionOfCharge,
    SessionsOfCharges,
    Upload,
    Wanted,
    Whose,
)
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.rating.stated import OWED, ChargeKind

STATED, ACCEPTED, DECIDED = "charge_stated", "charge_accepted", "charge_decided"
WITHDRAWN, COUNTERED = "charge_withdrawn", "charge_countered"


@dataclass(frozen=True, slots=True)
class Stating:
    """What a partner states: of which session, what, how much, when, and what is to show it."""

    partner_id: str
    by: str
    session_id: str
    kind: ChargeKind
    amount: Money
    description: Mapping[str, str]
    happened_at: datetime
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Owing:
    """What is needed to change a charge."""

    zone: str
    policy: ChargePolicy
    charges: Charges
    now: datetime
    commit: Commit

    @property
    def month(self) -> Month:
        """The one that is open."""
        return Month.of(self.now, self.zone)


def draft(asked: Stating, *, sessions: SessionsOfCharges, random_bytes: RandomBytes, owing: Owing) -> PartnerCharge:
    """A charge that nobody is told of yet, for a session on one of the partner's assets, however long ago."""
    session = sessions.find(asked.session_id)
    if session is None or session.partner_id != asked.partner_id:
        raise ChargeSessionUnknown(pointer="/session_id")
    _check(asked, session, owing)
    others = Wanted(session_id=session.session_id)
    known = owing.charges.listed(Whose(account_id=session.account_id), others, limit=MOST_OF_A_SESSION, after=None)
    if len(known) >= MOST_OF_A_SESSION:
        raise ChargesTooMany(most=MOST_OF_A_SESSION)
    charge = PartnerCharge(
        charge_id=new_id("chg", random_bytes),
        account_id=session.account_id,
        partner_id=session.partner_id,
        session_id=session.session_id,
        product_id=session.product_id,
        asset_id=session.asset_id,
        category=session.category,
        kind=asked.kind,
        stated=asked.amount,
        amount=asked.amount,
        description=dict(asked.description),
        happened_at=asked.happened_at,
        created_at=owing.now,
    ).begun(asked.by)
    for file in asked.evidence:
        charge = charge.announcing(file)
    return owing.commit(owing.charges.saving(charge), charge)


def _check(asked: Stating, session: SessionOfCharge, owing: Owing) -> None:
    most = owing.policy.most
    if asked.amount.currency != most.currency or not 0 < asked.amount.minor <= most.minor:
        raise ChargeTooHigh(pointer="/amount", most=str(most.amount), currency=most.currency)
    too_early = asked.kind in OWED and (asked.happened_at < session.started_at or not session.was_used)
    if too_early or asked.happened_at > owing.now:
        raise ChargeTimeInvalid(pointer="/happened_at")
    if not asked.description:
        raise ChargeUndescribed(pointer="/description")
    if len({each.sha256 for each in asked.evidence}) > MOST_EVIDENCE:
        raise EvidenceTooMuch(pointer="/evidence", most=MOST_EVIDENCE)


def of_partner(charge_id: str, partner_id: str, *, charges: Charges) -> PartnerCharge:
    """The partner's charge; another partner's is unknown."""
    charge = charges.find(charge_id)
    if charge is None or charge.partner_id != partner_id:
        raise UnknownCharge(charge_id=charge_id[:128])
    return charge


def of_account(charge_id: str, account_id: str, *, charges: Charges) -> PartnerCharge:
    """The account's charge; a draft is not told to it, nor one that was taken back before it was told."""
    charge = charges.find(charge_id)
    if charge is None or charge.account_id != account_id or not charge.is_told:
        raise UnknownCharge(charge_id=charge_id[:128])
    return charge


def of_anybody(charge_id: str, *, charges: Charges) -> PartnerCharge:
    """Whosever it is: for the operator."""
    charge = charges.find(charge_id)
    if charge is None:
        raise UnknownCharge(charge_id=charge_id[:128])
    return charge


def add_evidence(
    charge: PartnerCharge, file: Evidence, *, files: EvidenceFiles, owing: Owing
) -> tuple[PartnerCharge, Upload]:
    """Announce a piece of evidence, and say where it is put. Announced again, it may be put there still."""
    after = charge.with_evidence(file)
    known = next(each for each in after.evidence if each.sha256 == file.sha256)
    outcome = after, files.upload(after, known)
    writes = owing.charges.saving(after) if after is not charge else []
    return owing.commit(writes, outcome)


def submit(charge: PartnerCharge, by: str, *, files: EvidenceFiles, owing: Owing) -> PartnerCharge:
    """Tell the customer, who may object from now on; every piece of evidence is sealed as it is by now."""
    if charge.state is ChargeState.STATED:
        return charge
    sealed = [files.seal(charge, each) for each in charge.evidence if charge.state is ChargeState.DRAFTED]
    found = tuple(each for each in sealed if each is not None)
    if len(found) < len(sealed):
        raise EvidenceMissing(missing=len(sealed) - len(found))
    after = charge.state_to_customer(found, owing.policy, owing.now, by)
    return _changed(after, owing, STATED, owing.charges.lapsing(after, owing.now))


def accept(charge: PartnerCharge, by: str, *, owing: Owing) -> PartnerCharge:
    """The customer takes it on: at once, or after an objection. Accepted again it stays as it is."""
    if charge.state is ChargeState.ACCEPTED:
        return charge
    return _due(charge.accept(owing.now, by, owing.month), owing, ACCEPTED)


def object_to(charge: PartnerCharge, reason: str, text: str, by: str, *, owing: Owing) -> PartnerCharge:
    """The customer says why not."""
    after = charge.object(reason, text, owing.now, by)
    return owing.commit(owing.charges.saving(after), after)


def lapse(charge_id: str, at: datetime, *, owing: Owing) -> PartnerCharge | None:
    """Its period is over, and nobody has said anything; anything else that was done with it stands."""
    charge = owing.charges.find(charge_id)
    if charge is None or charge.state is not ChargeState.STATED or charge.objection_until != at:
        return charge
    after = charge.lapse(at, owing.month)
    return _due(after, owing, ACCEPTED) if after.state in DUE else _changed(after, owing, WITHDRAWN)


def decide(
    charge: PartnerCharge, verdict: Verdict, amount: Money | None, note: str, by: str, *, owing: Owing
) -> PartnerCharge:
    """The operator decides about an objection; its customer is told."""
    after = charge.decide(verdict, amount, note, at=owing.now, by=by, month=owing.month)
    return _due(after, owing, DECIDED) if after.state in DUE else _changed(after, owing, DECIDED)


def withdraw(charge: PartnerCharge, by: str, note: str, *, owing: Owing) -> PartnerCharge:
    """Its partner takes it back before it is billed. Who was told of it is told of that."""
    if charge.state is ChargeState.WITHDRAWN:
        return charge
    after = charge.withdraw(owing.now, by, note)
    if not after.is_told:
        return owing.commit(owing.charges.saving(after), after)
    return _changed(after, owing, WITHDRAWN)


def counter(charge: PartnerCharge, amount: Money, by: str, note: str, *, owing: Owing) -> PartnerCharge:
    """Give back some or all of a billed charge: its month is corrected, and settled with the open one."""
    after = charge.counter(amount, owing.now, by, note)
    return _due(after, owing, COUNTERED)


def evidence_link(charge: PartnerCharge, sha256: str, *, files: EvidenceFiles) -> str:
    """A short-lived address of a piece of evidence that is sealed."""
    file = next((each for each in charge.evidence if each.sha256 == sha256 and each.version is not None), None)
    if file is None:
        raise UnknownEvidence(sha256=sha256[:64])
    return files.link(charge, file)


def _due(after: PartnerCharge, owing: Owing, code: str) -> PartnerCharge:
    return _changed(after, owing, code, owing.charges.to_be_billed(after, owing.now))


def _changed(after: PartnerCharge, owing: Owing, code: str, *also: Write) -> PartnerCharge:
    told = owing.charges.telling(after, code, owing.now)
    return owing.commit([*owing.charges.saving(after), told, *also], after)
