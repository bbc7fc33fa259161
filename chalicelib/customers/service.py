"""Know a customer by the sign-in; take in a new one."""

from dataclasses import replace

from chalicelib.customers.errors import AlreadySignedUp, NotSignedUp
from chalicelib.customers.model import Account, Customer
from chalicelib.customers.ports import Customers
from chalicelib.kernel.writes import Commit


def customer_of(subject: str, *, customers: Customers) -> Customer:
    """The customer behind a verified sign-in."""
    found = customers.by_subject(subject)
    if found is None:
        raise NotSignedUp
    return found


def take_in(customer: Customer, account: Account, *, customers: Customers, commit: Commit) -> Customer:
    """Open the account of somebody who signed up. A repeat finds it open and changes nothing.

    Who came in as a minor keeps the sign-ins that they had before.
    """
    known = customers.by_subject(customer.subject)
    grown = customer if known is None else replace(customer, earlier=known.earlier)
    try:
        return commit(customers.adding(grown, account), grown)
    except AlreadySignedUp:
        return customer_of(customer.subject, customers=customers)
