"""Saved answers in DynamoDB.

answer#<caller and key, hashed>   answer   what was answered
"""

from datetime import datetime

from pynamodb.attributes import BinaryAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute

from chalicelib.edge.idempotency import AlreadyAnswered, Answer, RequestKey
from chalicelib.kernel.writes import Write
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.writes import Put


class AnswerRecord(Record):
    """A saved answer."""

    class Meta:
        """Owned by edge."""

        table_name = TableName("idempotency")

    request = UnicodeAttribute()
    status = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)
    expires = TTLAttribute()


def find_answer(key: RequestKey) -> Answer | None:
    """One consistent read."""
    record = AnswerRecord.find(f"answer#{key.stored_as}", "answer")
    return Answer(record.request, int(record.status), record.body) if record else None


def saving_answer(key: RequestKey, answer: Answer, expires: datetime) -> Write:
    """If the key is new."""
    record = AnswerRecord(
        pk=f"answer#{key.stored_as}",
        sk="answer",
        request=answer.request,
        status=answer.status,
        body=answer.body,
        expires=expires,
    )
    return Put(record, AlreadyAnswered(), AnswerRecord.pk.does_not_exist())
