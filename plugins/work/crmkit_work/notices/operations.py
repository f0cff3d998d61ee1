"""What people do with their notices: reading them, and choosing where they are told what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, Refused, UnsetType, given, operation, texts
from crmkit_work.notices.kinds import EMAIL, PAGES, WANTED
from crmkit_work.notices.models import Notice, NoticeChoice, NoticePerson, PersonAddress
from crmkit_work.notices.reading import mine

_ = texts("crmkit_work")

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

UPDATE = "work.notice.update"
CHOOSE = "work.notice.choose"


@operation("work.notice.read", title=_("Mark as read"), permission=UPDATE, effect="update")
def read_notice(session: CrmSession, notice: Notice) -> Notice:
    """Mark a notice as read; one that was read stays as it is."""
    notice.read_at = notice.read_at or session.gate.clock.now()
    return notice


@operation("work.notice.unread", title=_("Mark as unread"), permission=UPDATE, effect="update")
def unread_notice(session: CrmSession, notice: Notice) -> Notice:
    """Mark a notice as one that is still to be read."""
    notice.read_at = None
    return notice


@operation("work.notice.read_all", title=_("Mark all as read"), permission=UPDATE)
def read_all_notices(
    session: CrmSession,
    *,
    kind: Annotated[str, Input(title=_("Kind"), max_length=60, classified="internal")] = "",
    ref: Annotated[str, Input(title=_("About"), max_length=160, classified="internal")] = "",
) -> int:
    """Mark all notices of whoever acts as read, or those of one kind, or about one record; returns how many."""
    query = mine(session).where(Notice.read_at.is_(None))
    if kind:
        query = query.where(Notice.kind == kind)
    if ref:
        query = query.where(Notice.ref == ref)
    found = session.scalars(query).all()
    for notice in found:
        notice.read_at = session.gate.clock.now()
    return len(found)


@attrs.frozen(kw_only=True)
class Choice:
    """When somebody wants to be told of a kind of notice on a channel; ``*`` is every other kind, and "" forgets what
    was chosen."""

    kind: Annotated[str, Input(title=_("Kind"), max_length=60, classified="internal")]
    channel: Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")]
    wanted: Annotated[
        Literal["", "never", "daily", "now"], Input(title=_("When"), choices=WANTED, classified="internal")
    ] = ""


@operation("work.notice.choose", title=_("Choose where I am told what"), permission=CHOOSE)
def choose(
    session: CrmSession,
    *,
    choices: Annotated[tuple[Choice, ...], Input(title=_("Choices"), max_length=200, classified="internal")],
) -> None:
    """Lay down where whoever acts is told what. Raises InvalidInput for a channel that there is not, and for pages
    that would come once a day."""
    user_id = _acting(session)
    known = {
        (each.kind, each.channel): each
        for each in session.scalars(select(NoticeChoice).where(NoticeChoice.user_id == user_id))
    }
    channels = {PAGES, EMAIL, *carried(session)}
    for number, each in enumerate(choices):
        if each.channel not in channels or not each.kind.strip():
            raise _problem(f"choices.{number}.channel", _("There is no such channel."))
        if each.channel == PAGES and each.wanted == "daily":
            raise _problem(f"choices.{number}.wanted", _("In the pages it is at once, or not at all."))
        found = known.get((each.kind, each.channel))
        if found is not None and not each.wanted:
            session.delete(found)
            del known[each.kind, each.channel]
        elif found is not None:
            found.wanted = each.wanted
        elif each.wanted:
            found = NoticeChoice(user_id=user_id, kind=each.kind, channel=each.channel, wanted=each.wanted)
            known[each.kind, each.channel] = found
            session.add(found)


@attrs.frozen(kw_only=True)
class Habits:
    """When somebody is told; what is not given stays."""

    daily_at: (
        Annotated[
            str,
            Input(title=_("Daily notice at"), max_length=5, classified="internal", help=_("As in 08:30, on workdays.")),
        ]
        | UnsetType
    ) = UNSET
    quiet: Annotated[bool, Input(title=_("Quiet outside working hours"), classified="internal")] | UnsetType = UNSET


@operation("work.notice.prefer", title=_("Choose when I am told"), permission=CHOOSE)
def prefer(session: CrmSession, habits: Habits) -> NoticePerson:
    """Lay down when whoever acts is told outside the pages. Raises InvalidInput for what is no time of day."""
    values = given(habits)
    if "daily_at" in values and not _TIME.fullmatch(values["daily_at"]):
        raise _problem("daily_at", _("Write it as 08:30."))
    user_id = _acting(session)
    person = session.scalar(select(NoticePerson).where(NoticePerson.user_id == user_id))
    if person is None:
        person = NoticePerson(user_id=user_id)
        session.add(person)
    for name, value in values.items():
        setattr(person, name, value)
    return person


@operation("work.notice.set_address", title=_("Set my address on a channel"), permission=CHOOSE)
def set_address(
    session: CrmSession,
    *,
    channel: Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")],
    address: Annotated[
        str,
        Input(
            title=_("Address"),
            max_length=1000,
            classified="secret",
            help=_("Such as that of a robot. Empty forgets it."),
        ),
    ] = "",
) -> None:
    """Lay down where whoever acts is reached on a channel that a plugin carries. Raises InvalidInput for another one;
    e-mail goes to the address of the account."""
    user_id = _acting(session)
    if channel not in carried(session):
        raise _problem("channel", _("There is no such channel."))
    found = session.scalar(
        select(PersonAddress).where(PersonAddress.user_id == user_id, PersonAddress.channel == channel)
    )
    if not address.strip():
        if found is not None:
            session.delete(found)
    elif found is None:
        session.add(PersonAddress(user_id=user_id, channel=channel, address=address.strip()))
    else:
        found.address = address.strip()


def carried(session: CrmSession) -> Mapping[str, str]:
    """Return the channels that plugins carry, with their titles: the kernel's own say how a customer is reached."""
    return {name: each.title for name, each in session.gate.registry.tables["channel"].items() if "." in name}


def _acting(session: CrmSession) -> UUID:
    user_id = session.guarding.rights.user_id
    if user_id is None:
        raise Refused(_("Only a user has notices."))
    return user_id


def _problem(field: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=field)])


OPERATIONS = [read_notice, unread_notice, read_all_notices, choose, prefer, set_address]
