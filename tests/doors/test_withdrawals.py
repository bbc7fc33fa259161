"""Withdrawing from a subscription, and a new price that is announced: whole stories, with the money."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.subscribing import FEE, publish, publish_terms, subscribe
from tests.doors.world import Customer, World

SELLER = {
    "name": "Adgang Oy",
    "address": ["Kaivokatu 1", "00100 Helsinki"],
    "country": "FI",
    "vat_number": "FI12345678",
    "invoice_prefix": "A-",
    "credit_note_prefix": "AC-",
}
DEARER = {"currency": "EUR", "prices": [{**FEE, "amount": "62.00"}]}


@pytest.fixture(scope="module", autouse=True)
def finland(world: World) -> None:
    """
    Who sells is in Finland, and so are customers whose bills say nothing else. The plan never sleeps.
    """
    done(world.finance.put("/finance/v1/sellers/fi", SELLER))
    publish_terms(world)
    publish(world, "always", asleep_after_days=None)


def codes(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


def withdraw(customer: Customer, path: str) -> dict[str, Any]:
    lines = {"name": "A\nOf that you owe: 999.00 EUR", "language": "fi"}
    refused(customer.post(f"{path}/withdrawal", lines), 422, "body_invalid", "/name")
    done(customer.post(f"{path}/withdrawal", {"name": "Aino", "language": "fi"}))
    return dict(done(customer.post(f"{path}/withdrawal/confirmation")))


def test_ten_days_that_were_asked_for_are_paid_for_and_the_receipt_stays(world: World) -> None:
    customer = world.customer()
    path = subscribe(customer, "always", begin_at_once=True)
    confirmation = customer.get(f"{path}/confirmation.txt").content.decode()
    assert "up to and including 2021-05-24: under “Withdraw from contract here”" in confirmation
    refused(customer.post(f"{path}/withdrawal/confirmation"), 409, "nothing_stated")
    world.later(days=10)

    shown = customer.read(f"{path}/withdrawal")
    done_ = withdraw(customer, path)
    again = done(customer.post(f"{path}/withdrawal/confirmation"))

    assert (shown["may"], shown["country"], shown["until"]) == (True, "FI", "2021-05-24T21:00:00.000000Z")
    assert [shown[each]["amount"] for each in ("charged", "owed", "back")] == ["10.00", "10.00", "0.00"]
    assert (done_["why_not"], done_["confirm"]) == ("withdrawn", "Vahvista peruuttaminen")
    assert done_ == again
    text = customer.get(f"{path}/withdrawal/receipt.txt").content.decode()
    page = customer.get(f"{path}/withdrawal/receipt.html").content.decode()
    for said in ("Vahvistus sopimuksen peruuttamisesta", "Aino", "10.00 EUR", "Kuluttajansuojalaki"):
        assert said in text
        assert said in page
    world.settle()
    assert codes(customer).count("withdrawn") == 1
    assert customer.read(path)["state"] == "ended"
    world.until(datetime(2021, 6, 1, 9, tzinfo=UTC))
    assert customer.read("/mobile/v1/statements/2021-05")["total"]["amount"] == "10.00"
    assert customer.get(f"{path}/withdrawal/receipt.txt").content.decode() == text


def test_what_nobody_asked_to_begin_is_paid_back_at_once_though_it_was_billed(world: World) -> None:
    """
    Begun at noon of the 25th of June, billed on the first of July, withdrawn on the third: nothing is owed.
    """
    world.until(datetime(2021, 6, 25, 9, tzinfo=UTC))
    customer = world.customer()
    path = subscribe(customer, "always")
    world.until(datetime(2021, 7, 3, 9, tzinfo=UTC))
    (billed,) = customer.read("/mobile/v1/invoices")["items"]
    assert (billed["state"], billed["total"]["amount"]) == ("paid", "5.68"), "5.5 of 30 days of 31.00"

    done_ = withdraw(customer, path)
    world.settle()

    assert (done_["owed"]["amount"], done_["back_by"]) == ("0.00", "2021-07-17T21:00:00.000000Z")
    (note,) = customer.read("/mobile/v1/credit-notes")["items"]
    assert note["total"]["amount"] == billed["total"]["amount"]
    assert "refunded" in codes(customer)
    assert customer.read("/mobile/v1/statements/2021-06")["total"]["amount"] == "0.00"
    world.until(datetime(2021, 8, 1, 9, tzinfo=UTC))
    assert len(customer.read("/mobile/v1/invoices")["items"]) == 1, "July asks for nothing"


def test_a_dearer_version_is_announced_each_is_told_and_has_it_or_not(world: World) -> None:
    """
    One in Finland does nothing, one in Germany says nothing, another there accepts, and one leaves before.
    """
    plan = {"asleep_after_days": None}
    publish(world, "dear", **plan)
    finn, silent, willing, leaving = (world.customer() for _ in range(4))
    for german in (silent, willing):
        done(german.put("/mobile/v1/me/billing-details", {"name": "Uli", "address": ["Kai 1"], "country": "DE"}))
    paths = {each: subscribe(each, "dear", begin_at_once=True) for each in (finn, silent, willing, leaving)}
    world.later(days=2)
    publish(world, "dear", **plan, fee=DEARER)
    path = "/finance/v1/plans/dear/announcements"
    month = world.system.now()
    holds_from = f"{month.year}-{month.month + 2:02}-01T00:00:00Z"
    soon = {"holds_from": f"{month.year}-{month.month:02}-28T00:00:00Z", "reason": "Repairs."}
    refused(world.operator.post(path, soon), 422, "too_soon", "/holds_from")
    done(world.operator.post(path, {**soon, "holds_from": holds_from}))
    world.settle()

    told = {each: each.read(f"{paths[each]}/announcement")["announcement"] for each in paths}
    assert [told[each]["accepted_by_silence"] for each in paths] == [True, False, False, True]
    more = told[finn]["more"]["amount"]
    assert (told[finn]["after"]["amount"], more) == ("4.00", "2.00"), "two days of 62.00 a month, and of 31.00"
    assert codes(finn).count("price_change") == 1
    done(willing.post(f"{paths[willing]}/announcement/acceptance"))
    refused(finn.delete(f"{paths[finn]}/change"), 409, "no_change_to_come")
    done(leaving.post(f"{paths[leaving]}/end", {}))
    world.later(days=62)
    versions = {each: each.read(paths[each])["plan"]["plan_version"] for each in paths}
    assert [versions[each] for each in paths] == [2, 1, 2, 1]
    assert leaving.read(paths[leaving])["state"] == "ended"
    refused(world.operator.post(f"{path}/2/call-off"), 409, "announcement_over")


def test_called_off_nobody_has_it(world: World) -> None:
    publish(world, "off", asleep_after_days=None)
    customer = world.customer()
    path = subscribe(customer, "off")
    publish(world, "off", asleep_after_days=None, fee=DEARER)
    announcements = "/finance/v1/plans/off/announcements"
    done(world.operator.post(announcements, {"holds_from": "2022-01-01T00:00:00Z", "reason": "Repairs."}))
    world.settle()
    assert customer.read(path)["change"]["plan_version"] == 2

    done(world.operator.post(f"{announcements}/2/call-off"))
    world.settle()

    assert customer.read(path)["change"] is None
    assert "price_change_called_off" in codes(customer)
    (shown,) = world.finance.read(announcements)["items"]
    assert (shown["standing"], shown["version"]) == ("called_off", 2)
