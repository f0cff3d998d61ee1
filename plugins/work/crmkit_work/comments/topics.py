"""What comments are about: a record, so written that a merge of customers takes its discussion along.

The discussion of a customer is the one of whoever the customer is now: its topic is the word ``customer`` alone, with
the customer's id in a column of its own that a merge re-points. Must not know what comments say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import ColumnElement, and_

from crmkit import AccessRule, Actor, CrmSession, texts
from crmkit_work.comments.models import Comment, Watch
from crmkit_work.notices.access import others
from crmkit_work.refs import customer_of, parts_of, required

_ = texts("crmkit_work")

CUSTOMER = "customer"
REASON = _("Who follows what is nobody else's business.")


@frozen(kw_only=True)
class Topic:
    """A record that is talked about."""

    name: str
    customer_id: UUID | None
    ref: str

    def of(self, model: type[Comment] | type[Watch]) -> ColumnElement[bool]:
        """Return the condition that a row is about it."""
        if self.name == CUSTOMER:
            return and_(model.topic == CUSTOMER, model.customer_id == self.customer_id)
        return model.topic == self.name


def topic_of(session: CrmSession, ref: str) -> Topic:
    """Return what a reference names. Raises NotFound for a record that the session's actor does not see."""
    record: Any = required(session, ref)
    resource, identity = parts_of(ref)
    if resource == CUSTOMER:
        return Topic(name=CUSTOMER, customer_id=identity, ref=f"{CUSTOMER}:{identity}")
    name = f"{resource}:{identity}"
    return Topic(name=name, customer_id=customer_of(record), ref=name)


def ref_of(topic: str, customer_id: UUID | None) -> str:
    """Return the reference of what a comment is about."""
    return f"{CUSTOMER}:{customer_id}" if topic == CUSTOMER else topic


def page_of(ref: str) -> str:
    """Return the page of the discussion of a record."""
    return f"/modules/work/discussion?ref={ref}"


_FOLLOWED = [AccessRule(effect="deny", reason=REASON, where=others(Watch))]


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Deny everybody what others follow."""
    return _FOLLOWED if resource == "work.watch" and action != "create" else None
