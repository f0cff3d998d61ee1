"""The page of a discussion, and what is shown of it beside a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crmkit import CrmSession, InvalidInput, NotFound, Page, Panel, texts
from crmkit_work.comments.reading import comments_of, counts_of, is_followed
from crmkit_work.comments.topics import page_of, topic_of
from crmkit_work.notices.reading import path_of
from crmkit_work.refs import kind_of, name_of, required

_ = texts("crmkit_work")


def discussion(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what is said about a record. Raises NotFound for one that whoever looks does not see."""
    try:
        topic = topic_of(session, query.get("ref", ""))
    except InvalidInput:
        raise NotFound(_("There is no such record.")) from None
    rights = session.guarding.rights
    return {
        "ref": topic.ref,
        "kind": kind_of(session, topic.ref),
        "name": name_of(required(session, topic.ref)),
        "path": path_of(session, None, topic.ref),
        "comments": comments_of(session, topic.ref),
        "followed": is_followed(session, topic.ref),
        "here": page_of(topic.ref),
        "may_say": rights.scope("work.comment", "create") != "none",
        "may_change": rights.scope("work.comment", "update") != "none",
        "may_follow": rights.scope("work.comment", "watch") != "none" and rights.user_id is not None,
    }


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return how much is said about customers, with the way there."""
    if session.guarding.rights.scope("work.comment", "read") == "none":
        return []
    counts = counts_of(session, customer_ids)
    return [
        Panel(
            customer_id=each,
            title=_("Discussion"),
            rows=_rows(counts.get(each)),
            path=page_of(f"customer:{each}"),
            link=_("Discuss"),
        )
        for each in customer_ids
    ]


def _rows(found: tuple[int, Any] | None) -> tuple[tuple[str, str], ...]:
    if found is None:
        return ((_("Comments"), "0"),)
    return ((_("Comments"), str(found[0])), (_("Last one"), f"{found[1]:%Y-%m-%d}"))


PAGES = [
    Page(
        name="work.discussion",
        title=_("Discussion"),
        path="/discussion",
        template="work/comments/discussion.html",
        context=discussion,
        permission="work.comment.read",
        icon="message-circle",
        menu=False,
    )
]
