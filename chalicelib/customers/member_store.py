"""Members in DynamoDB."""

from chalicelib.customers.errors import NotAMember
from chalicelib.customers.member_items import MemberRecord, among, member_of
from chalicelib.customers.members import Member
from chalicelib.customers.model import USING
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Check


class MemberStore:
    """Satisfies `ports.Members`."""

    def member(self, account_id: str, customer_id: str) -> Member | None:
        """One consistent read."""
        record = MemberRecord.find(*among(account_id, customer_id))
        return member_of(record) if record else None

    def may_use(self, account_id: str, customer_id: str) -> Write:
        """A condition check on the account's item."""
        stands = MemberRecord.ended_at.does_not_exist() & MemberRecord.role.is_in(*sorted(USING))
        return Check(MemberRecord, among(account_id, customer_id), stands, NotAMember())
