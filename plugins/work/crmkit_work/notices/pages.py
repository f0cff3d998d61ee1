"""The pages of notices: what somebody is told, and where each wants to be told what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit_work.notices.kinds import EMAIL, EVERYTHING, KINDS, PAGES as IN_PAGES, USUAL, WANTED
from crmkit_work.notices.models import STATES, Notice, NoticeDelivery, NoticePerson, PersonAddress
from crmkit_work.notices.operations import carried
from crmkit_work.notices.reading import mine, reader_of, told, unread_count
from crmkit_work.notices.routing import choices_of

_ = texts("crmkit_work")

SHOWN = 50
HOME = "/modules/work/notices"


def notices(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return the reader's notices, unread first."""
    unread = query.get("show") == "unread"
    kind = query.get("kind", "")
    skip = int(query["skip"]) if query.get("skip", "").isdecimal() and len(query["skip"]) < 6 else 0
    found = told(session, language, unread=unread, kind=kind, limit=SHOWN + 1, skip=skip)
    return {
        "notices": found[:SHOWN],
        "unread": unread_count(session),
        "only_unread": unread,
        "kind": kind,
        "kinds": _kinds(session),
        "next": skip + SHOWN if len(found) > SHOWN else None,
        "home": HOME,
    }


def choices(session: CrmSession) -> Mapping[str, Any]:
    """Return what the reader has chosen, as a table of kinds and channels, and what was not delivered for sure."""
    reader = reader_of(session)
    titles = {IN_PAGES: _("In the pages"), EMAIL: _("By e-mail"), **carried(session)}
    addresses = list(session.scalars(select(PersonAddress.channel).where(PersonAddress.user_id == reader)))
    chosen = choices_of(session, reader) if reader is not None else {}
    shown = [IN_PAGES, EMAIL, *sorted(addresses)]
    rows = [
        {
            "kind": kind,
            "title": KINDS.get(kind, kind) if kind != EVERYTHING else _("Everything else"),
            "wanted": {channel: chosen.get((kind, channel), "") for channel in shown},
        }
        for kind in (*_kinds(session), EVERYTHING)
    ]
    person = session.scalar(select(NoticePerson).where(NoticePerson.user_id == reader))
    troubled = session.scalars(
        select(NoticeDelivery)
        .where(NoticeDelivery.user_id == reader, NoticeDelivery.state.in_(("uncertain", "failed", "refused")))
        .order_by(NoticeDelivery.ended_at.desc(), NoticeDelivery.id)
        .limit(SHOWN)
    ).all()
    return {
        "rows": rows,
        "channels": [(name, titles.get(name, name)) for name in shown],
        "others": sorted((name, title) for name, title in titles.items() if name not in (IN_PAGES, EMAIL)),
        "addresses": addresses,
        "wanted": WANTED,
        "usual": {channel: WANTED[USUAL.get(channel, "never")] for channel in shown},
        "person": person,
        "troubled": troubled,
        "states": STATES,
        "home": HOME,
    }


def _kinds(session: CrmSession) -> dict[str, str]:
    """Return the kinds of notices: those that there are, and others of which the reader has some."""
    query = mine(session).with_only_columns(Notice.kind).distinct()
    others = {kind: kind for kind in session.scalars(query) if kind not in KINDS}
    return {**KINDS, **dict(sorted(others.items()))}


PAGES = [
    Page(
        name="work.notices",
        title=_("Notices"),
        path="/notices",
        template="work/notices/notices.html",
        context=notices,
        permission="work.notice.update",
        icon="bell",
        badge=unread_count,
        top=True,
        order=10,
    ),
    Page(
        name="work.notice_choices",
        title=_("Where I am told what"),
        path="/notices/choices",
        template="work/notices/choices.html",
        context=choices,
        permission="work.notice.choose",
        icon="adjustments",
        menu=False,
    ),
]
