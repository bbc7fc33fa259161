"""What the workers do for customers who want their data, or leave. Each may run twice."""

from collections.abc import Callable, Mapping

from chalicelib.customers.erasing import Erasing, go_on
from chalicelib.customers.errors import DataFileChanged
from chalicelib.edge.data_pieces import make_some
from chalicelib.edge.leaving import LeavingWork
from chalicelib.edge.subscription_areas import keeping
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.subscriptions.changing import vacate

Facts = Mapping[str, str]


def make_file(facts: Facts, wired: BackOffice) -> None:
    """Make the data file, or its next piece, if it is still the one that was asked for last."""
    file = wired.data_files.file(facts["account_id"])
    if file is None or file.name != facts["name"] or file.ready_at is not None or file.after != facts["after"]:
        return
    made = make_some(file, wired)
    if isinstance(made, str):
        writes = wired.data_files.going_on(file.went_on(made, wired.now()), file)
    else:
        writes = [wired.data_files.ready(file.made(made.size, made.sha256, wired.now()))]
    try:
        wired.commit(writes, None)
    except DataFileChanged:
        return  # another was asked for, or made, meanwhile


def erase(facts: Facts, wired: BackOffice) -> None:
    """Do the next piece of an erasure."""
    by = Erasing(wired.erasures, LeavingWork(wired), wired.now(), wired.commit)
    go_on(facts["erasure_id"], int(facts["revision"]), by)


def look_again(facts: Facts, wired: BackOffice) -> None:
    """Have another worker go on, one that may change accounts and talk with Stripe."""
    found = wired.erasures.find(facts["erasure_id"])
    if found is not None and found.revision == int(facts["revision"]):
        wired.commit([wired.erasures.going_on(found, wired.now())], None)


def left_account(facts: Facts, wired: BackOffice) -> None:
    """Free the seats of who is in an account no more; of what nobody has a seat in now, the account is told.

    What is of an account that closes ends anyway.
    """
    account, gone = wired.customers.account(facts["account_id"]), facts["customer_id"]
    if account is None or account.closed:
        return
    parts = keeping(wired, wired.now(), wired.commit)
    for each in wired.lives.of_account(account.account_id):
        if gone in each.members:
            vacate(each, gone, keeping=parts)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "customers.data_file": make_file,
    "customers.erase": erase,
    "customers.left": left_account,
    "customers.look_again": look_again,
}
