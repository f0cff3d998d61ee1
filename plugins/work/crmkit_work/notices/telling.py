"""Telling people something: `notify`, for whoever has something to tell, and the operations behind it.

What is told is written with the change that it is about. Where else than in the pages somebody is told is decided
afterwards, by a job: see `crmkit_work.notices.routing`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, InvalidInput, Problem, User, operation, texts
from crmkit.i18n import Text
from crmkit_work.notices.models import Notice

_ = texts("crmkit_work")

MOST = 1000
"""Most people who are told something at once."""
ROUTE = "work.route_notices"
Plain = str | int | float | bool | date | datetime | None
"""What the value of a field of a notice's title may be; a `Text` is translated for its reader."""


@attrs.frozen(kw_only=True)
class NewNotice:
    """Something to tell.

    ``kind`` is one of `crmkit_work.notices.kinds.KINDS`, or ``<plugin>.<noun>``. ``title`` is a marked text
    (``_("…")``) with ``{name}`` fields, ``values`` fill them: plain values, instants and days, marked texts; **nothing
    sensitive, and nothing that says who a customer is**. For that give ``customer_id``: ``{customer}`` in the title
    becomes the name if the reader may see that customer, and nothing but "a customer" otherwise. ``ref`` is the record
    that it is about, ``<resource>:<id>``; ``path`` the page where that is dealt with, which is the record's own unless
    said otherwise. ``text`` is kept sealed, shown in the pages, and never sent anywhere else. An ``urgent`` notice does
    not wait for working hours.
    """

    kind: str
    title: str
    values: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    ref: str | None = None
    path: str | None = None
    urgent: bool = False
    customer_id: UUID | None = None
    text: str = ""


def notify(session: CrmSession, users: Collection[UUID | None], notice: NewNotice) -> None:
    """Tell users something, with the change that the session makes. Whoever acts is not told what they did themselves.

    Call it in an operation, a job or a subscription. A plugin other than work says in its manifest that it uses
    ``work.notice.create``. Raises InvalidInput for values that cannot be kept, and for too many people at once.
    """
    told = [user for user in dict.fromkeys(users) if user is not None and user != session.actor.user_id]
    if told:
        title = notice.title
        session.run(
            "work.notice.add",
            {
                "user_ids": told,
                "kind": notice.kind,
                "title": str(title),
                "domain": title.domain if isinstance(title, Text) else "",
                "details": {name: kept(name, value) for name, value in notice.values.items()},
                "ref": notice.ref,
                "path": notice.path,
                "urgent": notice.urgent,
                "customer_id": notice.customer_id,
                "text": notice.text,
            },
        )


def kept(name: str, value: Any) -> Any:
    """Return a value as it is kept in JSON. Raises InvalidInput for what none of it can be."""
    if isinstance(value, Text):
        return {"text": str(value), "domain": value.domain}
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise InvalidInput([Problem(InvalidInput.code, _("A notice cannot hold this value."), field=f"values.{name}")])


Ids = Annotated[tuple[UUID, ...], Input(title=_("Users"), max_length=MOST, classified="internal", resource="user")]
CustomerId = Annotated[UUID | None, Input(title=_("Customer"), resource="customer", classified="internal")]


@attrs.frozen(kw_only=True)
class AddedNotice:
    """What is told to whom, as `notify` has it."""

    user_ids: Ids
    kind: Annotated[str, Input(title=_("Kind"), max_length=60, classified="internal")]
    title: Annotated[str, Input(title=_("Title"), max_length=500, classified="internal")]
    domain: Annotated[str, Input(title=_("Catalogue"), max_length=60, classified="internal")] = ""
    details: Annotated[Mapping[str, Any], Input(title=_("Values"), max_length=50, classified="internal")] = attrs.field(
        factory=dict[str, Any]
    )
    ref: Annotated[str | None, Input(title=_("About"), max_length=160, classified="internal")] = None
    path: Annotated[str | None, Input(title=_("Page"), max_length=400, classified="internal")] = None
    urgent: Annotated[bool, Input(title=_("Urgent"), classified="internal")] = False
    customer_id: CustomerId = None
    text: Annotated[str, Input(title=_("Text"), max_length=4000, multiline=True)] = ""


@operation("work.notice.add", title=_("Tell somebody"), permission="work.notice.create", hidden=True)
def add_notices(session: CrmSession, new: AddedNotice) -> None:
    """Write a notice for each of some users. Raises InvalidInput for a page that is not one of ours."""
    if new.path is not None and (not new.path.startswith("/") or new.path.startswith("//")):
        raise InvalidInput([Problem(InvalidInput.code, _("This is no page of ours."), field="path")])
    notices = [
        Notice(
            user_id=user_id,
            kind=new.kind,
            title=new.title,
            domain=new.domain,
            details=dict(new.details),
            text=new.text or None,
            ref=new.ref,
            path=new.path,
            urgent=new.urgent,
            customer_id=new.customer_id,
        )
        for user_id in dict.fromkeys(new.user_ids)
    ]
    session.add_all(notices)
    session.defer(ROUTE, notice_ids=[str(notice.id) for notice in notices])


@operation("work.notice.send", title=_("Tell somebody something"))
def send_notice(
    session: CrmSession,
    *,
    title: Annotated[str, Input(title=_("Title"), max_length=300, classified="internal")],
    user_id: Annotated[UUID | None, Input(title=_("User"), resource="user", classified="internal")] = None,
    customer_id: CustomerId = None,
    text: Annotated[str, Input(title=_("Text"), max_length=4000, multiline=True)] = "",
    path: Annotated[str | None, Input(title=_("Page"), max_length=400, classified="internal")] = None,
    urgent: Annotated[bool, Input(title=_("Urgent"), classified="internal")] = False,
) -> None:
    """Tell a user something; without one, the owner of the customer. Rules call it, too.

    Raises InvalidInput where there is nobody to tell, or nothing to say.
    """
    if not title.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("Say what to tell."), field="title")])
    if customer_id is not None:
        customer = session.get(Customer, customer_id)
        if customer is None or customer.deleted_at is not None:
            raise InvalidInput([Problem(InvalidInput.code, _("There is no such customer."), field="customer_id")])
        user_id = user_id or customer.owner_id
    if user_id is None or session.scalar(select(User.id).where(User.id == user_id, User.active)) is None:
        raise InvalidInput([Problem(InvalidInput.code, _("There is nobody to tell."), field="user_id")])
    # Not by `notify`: whoever asks to be told is told.
    session.run(
        "work.notice.add",
        {
            "user_ids": [user_id],
            "kind": "rule",
            "title": "{said}",
            "details": {"said": title.strip()},
            "path": path,
            "urgent": urgent,
            "customer_id": customer_id,
            "text": text,
        },
    )


OPERATIONS = [add_notices, send_notice]
