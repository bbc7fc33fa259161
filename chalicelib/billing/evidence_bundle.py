"""A file of evidence: papers with a manifest, the same bytes for the same papers wherever it is made."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping

from chalicelib.billing.dispute_model import Dispute, Evidence
from chalicelib.kernel.time import format_instant

FORMAT = 1
MANIFEST = "manifest.json"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_UNIX = 3


def as_json(document: object) -> bytes:
    """As it stands in a file: indented, in the order in which it was made."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def bundle(dispute: Dispute, evidence: Evidence, papers: Mapping[str, bytes]) -> bytes:
    """A zip of all papers in order of name, uncompressed, and first of all a manifest with the SHA-256 of each."""
    listed = {MANIFEST: manifest(dispute, evidence, papers), **dict(sorted(papers.items()))}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name, content in listed.items():
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            archive.writestr(entry, content)
    return held.getvalue()


def manifest(dispute: Dispute, evidence: Evidence, papers: Mapping[str, bytes]) -> bytes:
    """What the file holds, and about what, for people and programs to check it by."""
    return as_json(
        {
            "format": FORMAT,
            "dispute": dispute.dispute_id,
            "invoice": dispute.invoice_id,
            "top_up": dispute.top_up_id,
            "reason": dispute.reason,
            "amount": {"amount": str(dispute.amount.amount), "currency": dispute.amount.currency},
            "as_of": format_instant(evidence.asked_at),
            "files": [
                {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in sorted(papers.items())
            ],
        }
    )
