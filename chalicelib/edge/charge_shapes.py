"""How charges that partners state are read and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.paging import PageQuery
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.kernel.languages import CODES
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import parse_instant

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.billing.owed_model import Evidence, PartnerCharge
    from chalicelib.billing.owed_ports import Upload, Wanted
    from chalicelib.billing.owing import Stating
    from chalicelib.partners.model import ApiKey

MOST_BYTES = 10 * 1024 * 1024
Kind = Literal["damage", "loss", "fine", "delivery", "add_on"]
State = Literal["drafted", "stated", "objected", "decided", "accepted", "billed", "dropped", "withdrawn"]
MoneyText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$", examples=["85.00"])]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Note = Annotated[str, msgspec.Meta(max_length=1000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"}, max_length=40)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class ChargeQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """How much of the list, and which charges: in a state, of a kind, of a session."""

    state: State | None = None
    kind: Kind | None = None
    session: Name | None = None


class EvidenceBody(msgspec.Struct, forbid_unknown_fields=True):
    """A file that shows the charge: the SHA-256 of its bytes, what they are, and how many."""

    sha256: Sha256
    content_type: Literal["image/jpeg", "image/png", "application/pdf"]
    bytes: Annotated[int, msgspec.Meta(ge=1, le=MOST_BYTES)]


class ChargeBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is charged beside use for a session of mine: `amount` with the tax in it, in the operator's currency.

    `description` says what for, by language; `happened_at` lies in the session, unless it was ordered before.
    """

    session_id: Name
    kind: Kind
    amount: MoneyText
    description: Annotated[dict[str, Text], msgspec.Meta(min_length=1, max_length=10)]
    happened_at: Instant
    evidence: Annotated[list[EvidenceBody], msgspec.Meta(max_length=10)] = []


class WithdrawBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    note: Note = ""


class CounterBody(msgspec.Struct, forbid_unknown_fields=True):
    """How much of it is given back, and why."""

    amount: MoneyText
    note: Note = ""


class ObjectionBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why the charge is not right."""

    reason: Literal["not_me", "was_so_before", "too_much", "not_ordered", "not_delivered", "other"]
    text: Note = ""


class DecisionBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is decided about the objection: with `reduced`, the amount that is due instead."""

    decision: Literal["upheld", "reduced", "dropped"]
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"\S")]
    amount: MoneyText | None = None


class EvidenceShown(msgspec.Struct):
    """A file. `sealed` says that it can be read, and not be changed any more."""

    sha256: str
    content_type: str
    bytes: int
    sealed: bool


class StepShown(msgspec.Struct):
    """A change of the charge."""

    state: str
    at: str
    note: str


class CounterShown(msgspec.Struct):
    """What was given back of it."""

    amount: Amount
    at: str
    note: str


class ChargeShown(msgspec.Struct):
    """A charge: `stated` is what was asked for, `amount` what is due of it; `month` is the one that bills it."""

    charge_id: str
    session_id: str
    product: str
    asset: str
    kind: str
    charge_class: str
    state: str
    stated: Amount
    amount: Amount
    description: dict[str, str]
    happened_at: str
    created_at: str
    objection_until: str | None
    objection: str | None
    month: str | None
    evidence: list[EvidenceShown]
    counters: list[CounterShown]
    history: list[StepShown]


class ChargeOfAccount(msgspec.Struct):
    """A charge with whose it is; `by` says who made each step of its history."""

    account_id: str
    partner_id: str
    by: list[str]
    charge: ChargeShown


class UploadShown(msgspec.Struct):
    """Where the file is put, once, with these headers, in the next few minutes."""

    method: str
    href: str
    headers: dict[str, str]
    expires_in_seconds: int


class EvidenceAnnounced(msgspec.Struct):
    """The charge with the file, and where it is put. A repeat of the call is not told where."""

    charge: ChargeShown
    upload: UploadShown | None


class EvidenceLink(msgspec.Struct):
    """Where the file can be read for the next few minutes."""

    href: str
    expires_in_seconds: int


def wanted_of(query: ChargeQuery, *, told: bool = False) -> Wanted:
    """Which charges of a list."""
    from chalicelib.billing.owed_model import ChargeState  # noqa: PLC0415 -- only who asks for charges loads this
    from chalicelib.billing.owed_ports import Wanted  # noqa: PLC0415 -- as above

    state = ChargeState(query.state) if query.state is not None else None
    return Wanted(state, query.kind, query.session, told)


def stating_of(body: ChargeBody, caller: ApiKey, currency: str) -> Stating:
    """What a partner states."""
    from chalicelib.billing.owing import Stating  # noqa: PLC0415 -- as above

    for language in body.description:
        if language not in CODES:
            raise BodyInvalid(pointer="/description", reason="not a code of ISO 639-1", language=language[:20])
    with pointing_at("happened_at"):
        happened_at = parse_instant(body.happened_at)
    evidence = tuple(evidence_of(each) for each in body.evidence)
    amount = amount_of(body.amount, currency)
    what = (body.session_id, body.kind, amount, body.description, happened_at, evidence)
    return Stating(caller.partner_id, caller.key_id, *what)


def amount_of(text: str, currency: str) -> Money:
    """An amount of a body."""
    with pointing_at("amount"):
        return Money.of(text, currency)


def evidence_of(body: EvidenceBody) -> Evidence:
    """A file as announced."""
    from chalicelib.billing.owed_model import Evidence  # noqa: PLC0415 -- as above

    return Evidence(body.sha256, body.content_type, body.bytes)


def show_charge(charge: PartnerCharge) -> ChargeShown:
    """A charge, to its partner and its customer."""
    return ChargeShown(
        charge_id=charge.charge_id,
        session_id=charge.session_id,
        product=charge.product_id,
        asset=charge.asset_id,
        kind=charge.kind,
        charge_class="owed" if charge.is_owed else "ordered",
        state=str(charge.state),
        stated=show_amount(charge.stated),
        amount=show_amount(charge.amount),
        description=dict(charge.description),
        happened_at=show_instant(charge.happened_at),
        created_at=show_instant(charge.created_at),
        objection_until=show_instant(charge.objection_until) if charge.objection_until else None,
        objection=charge.reason,
        month=str(charge.month) if charge.month else None,
        evidence=[
            EvidenceShown(each.sha256, each.content_type, each.size, each.version is not None)
            for each in charge.evidence
        ],
        counters=[CounterShown(show_amount(each.amount), show_instant(each.at), each.note) for each in charge.counters],
        history=[StepShown(str(each.state), show_instant(each.at), each.note) for each in charge.history],
    )


def show_whole(charge: PartnerCharge) -> ChargeOfAccount:
    """A charge, to finance."""
    by = [each.by for each in charge.history]
    return ChargeOfAccount(charge.account_id, charge.partner_id, by, show_charge(charge))


def show_announced(found: tuple[PartnerCharge, Upload]) -> EvidenceAnnounced:
    """A file that was announced, with where it is put."""
    charge, upload = found
    where = UploadShown("PUT", upload.href, upload.headers, upload.seconds)
    return EvidenceAnnounced(show_charge(charge), where)


def show_announced_again(found: tuple[PartnerCharge, Upload]) -> EvidenceAnnounced:
    """What a repeat gets: a link that lets anybody put a file is not kept anywhere."""
    return EvidenceAnnounced(show_charge(found[0]), None)
