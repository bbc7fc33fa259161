"""A credit note of goodwill is among a month's documents by its journal entry, and not by the month's settlement."""

import json

from tests.doors.callers import done
from tests.doors.test_exported_files import bytes_of, rows
from tests.doors.test_late_evidence import two_hours
from tests.doors.test_over_months import at, story
from tests.doors.test_vat_summary import JUNE, SELLER


def test_goodwill_of_a_month_whose_settlement_gave_something_back_too_is_in_its_documents_once() -> None:
    """
    Two hours of May, of which June knows that they were ten minutes; in June 0.30 were given back out of goodwill too.
    So June's notes are read, and only the one of its settlement is its settlement's.
    """
    with story("2021-05-25T09:00") as (world, partner, customer):
        done(world.finance.put("/finance/v1/sellers/fi", SELLER))
        session = two_hours(world, customer, partner)
        world.until(JUNE)
        (invoice,) = customer.read("/mobile/v1/invoices")["items"]
        account = customer.read("/mobile/v1/me")["account_id"]
        given = {"invoice_id": invoice["invoice_id"], "amount": "0.30", "reason": "a wet saddle"}
        done(world.operator.post(f"/finance/v1/accounts/{account}/refunds", given))
        ended = customer.read(f"/mobile/v1/access-sessions/{session}/receipt")["ended_at"]
        partner.report(world.used(session, 600, time=ended))
        world.until(at("2021-07-01T12:00"))
        documents = rows(world, "2021-06", "documents.csv.gz")
        manifest = json.loads(bytes_of(world, "2021-06", 1, "manifest.json"))

    assert sorted((row["kind"], row["gross"]) for row in documents) == [
        ("credit_note", "-0.30"),
        ("credit_note", "-3.00"),
    ]
    assert [each for each in manifest["ties"] if each["difference_minor"]] == []
