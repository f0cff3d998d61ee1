"""Reading notices: those of whoever reads, unread first, each in words.

Whose name stands in a notice is decided when it is read, by what its reader may see then. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from babel.dates import format_date, format_datetime
from sqlalchemy import Select, and_, func, select

from crmkit import CrmSession, Customer, User, texts
from crmkit.i18n import Text, translate
from crmkit_work.notices.kinds import KINDS
from crmkit_work.notices.models import Notice

_ = texts("crmkit_work")

SOMEBODY = _("a customer")
MOST = 500


@frozen(kw_only=True)
class Told:
    """A notice in words. ``title`` is in the language asked for; ``path`` leads to what it is about, if anywhere;
    ``customer`` is the name of the customer, for who may see that customer."""

    id: UUID
    kind: str
    kind_title: str
    title: str
    text: str
    path: str
    ref: str | None
    customer_id: UUID | None
    customer: str
    urgent: bool
    created_at: datetime
    read_at: datetime | None


def mine(session: CrmSession) -> Select[tuple[Notice]]:
    """Return the query for the notices of whoever reads that the pages show."""
    return select(Notice).where(and_(Notice.user_id == reader_of(session), Notice.hidden.is_(False)))


def reader_of(session: CrmSession) -> UUID | None:
    """Return the user who reads, if it is one."""
    return session.guarding.rights.user_id


def unread_count(session: CrmSession) -> int:
    """Return how many notices the reader has not read."""
    reader = reader_of(session)
    if reader is None:
        return 0
    query = select(func.count(Notice.id)).where(
        Notice.user_id == reader, Notice.hidden.is_(False), Notice.read_at.is_(None)
    )
    return session.scalar(query) or 0


def told(
    session: CrmSession, language: str, *, unread: bool = False, kind: str = "", limit: int = 50, skip: int = 0
) -> list[Told]:
    """Return the reader's notices, those that are unread first and of these the urgent ones, then the newest."""
    query = mine(session)
    if unread:
        query = query.where(Notice.read_at.is_(None))
    if kind:
        query = query.where(Notice.kind == kind)
    order = (Notice.read_at.is_not(None), and_(Notice.urgent, Notice.read_at.is_(None)).desc())
    query = query.order_by(*order, Notice.created_at.desc(), Notice.id.desc())
    return in_words(session, session.scalars(query.offset(skip).limit(min(limit, MOST))).all(), language)


def in_words(session: CrmSession, notices: Sequence[Notice], language: str) -> list[Told]:
    """Return notices in words, as the session's actor may read them; one query for the customers of all."""
    names = names_of(session, [each.customer_id for each in notices if each.customer_id is not None])
    zone = zone_of(session)
    return [
        Told(
            id=each.id,
            kind=each.kind,
            kind_title=translate(KINDS[each.kind], language) if each.kind in KINDS else each.kind,
            title=title_of(each, language, zone, names),
            text=str(each.text or ""),
            path=path_of(session, each.path, each.ref, each.customer_id),
            ref=each.ref,
            customer_id=each.customer_id if each.customer_id in names else None,
            customer=names.get(each.customer_id, "") if each.customer_id is not None else "",
            urgent=each.urgent,
            created_at=each.created_at,
            read_at=each.read_at,
        )
        for each in notices
    ]


def names_of(session: CrmSession, customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the names of the customers among these whom the session's actor sees."""
    wanted = sorted(set(customer_ids))
    if not wanted:
        return {}
    found = session.scalars(select(Customer).where(Customer.id.in_(wanted), Customer.deleted_at.is_(None)))
    return {each.id: str(each.name) for each in found}


def title_of(notice: Notice, language: str, zone: ZoneInfo, names: Mapping[UUID, str]) -> str:
    """Return the title of a notice in a language; the customer by name where the name is given."""
    values = {name: _value(value, language, zone) for name, value in notice.details.items()}
    customer = names.get(notice.customer_id) if notice.customer_id is not None else None
    values["customer"] = customer or translate(SOMEBODY, language)
    text = Text(notice.title, notice.domain) if notice.domain else notice.title
    return translate(text, language, **values)


def _value(value: Any, language: str, zone: ZoneInfo) -> Any:
    if not isinstance(value, Mapping):
        return "" if value is None else value
    if "text" in value:
        return translate(Text(str(value["text"]), str(value.get("domain") or "crmkit_work")), language)
    if "instant" in value:
        at = datetime.fromisoformat(str(value["instant"]))
        return format_datetime(at, "short", tzinfo=zone, locale=_locale(language))
    if "day" in value:
        return format_date(date.fromisoformat(str(value["day"])), "medium", locale=_locale(language))
    return ""


def _locale(language: str) -> str:
    return "zh_Hans_CN" if language.startswith("zh") else "en_GB"


def zone_of(session: CrmSession) -> ZoneInfo:
    """Return the time zone of the session's user, else the business's."""
    reader = reader_of(session)
    own = session.scalar(select(User.zone).where(User.id == reader)) if reader is not None else None
    return ZoneInfo(own or session.crm.config.get(session).zone)


def path_of(session: CrmSession, path: str | None, ref: str | None, customer_id: UUID | None = None) -> str:
    """Return the page of what something is about: the one that is named, else the record's, else the customer's."""
    if path:
        return path
    resource, _colon, identity = (ref or "").partition(":")
    if resource == "customer" and identity:
        return f"/customers/{identity}"
    if identity and resource in session.gate.registry.resources:
        return f"/records/{resource}/{identity}"
    return f"/customers/{customer_id}" if customer_id is not None else ""
