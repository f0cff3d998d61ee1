"""A case of another system as it is given: what its words mean here, in which state it is, and what happened to it.

Must not know the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal

import attrs

from crmkit import Input, InvalidInput, Problem, texts
from crmkit_service.cases.inputs import (
    Body,
    CustomerId,
    ExternalId,
    Instant,
    Intent,
    Language,
    OwnerId,
    ProductId,
    QueueName,
    Source,
    Subject,
    TypeName,
)
from crmkit_service.cases.words import EVENT_KINDS, STATES

_ = texts("crmkit_service")

_NOISE = re.compile(r"[\W_]+")


def plain(words: str) -> str:
    """Return words without case, space and punctuation, to be compared."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", words).casefold())


def _words(known: Mapping[str, str]) -> dict[str, str]:
    return {plain(word): name for name, line in known.items() for word in (name, *line.split("|"))}


STATE_WORDS = _words(
    {
        "new": "created|unassigned|新建|待受理|待分配",
        "open": "in progress|assigned|active|working|处理中|进行中|已受理",
        "waiting_customer": "pending|waiting on customer|awaiting customer|pending customer|等待客户|待客户回复",
        "waiting_third_party": "waiting on third party|pending vendor|等待第三方",
        "on_hold": "hold|paused|suspended|挂起|暂停",
        "resolved": "solved|fixed|done|已解决",
        "closed": "complete|completed|archived|已关闭|关闭|已完成",
        "reopened": "re-opened|重新打开",
        "spam": "junk|垃圾",
    }
)
PRIORITY_WORDS = _words(
    {
        "low": "minor|p4|4|低",
        "normal": "medium|standard|p3|3|中|普通",
        "high": "important|p2|2|高",
        "urgent": "critical|highest|emergency|p1|1|紧急",
    }
)
CHANNEL_WORDS = _words(
    {
        "mail": "email|e-mail|邮件|电子邮件",
        "form": "web|portal|website|web form|网页|表单",
        "phone": "telephone|call|voice|电话",
        "chat": "live chat|messaging|wechat|在线|微信",
        "api": "import|integration|other|其他|接口",
        "visit": "in person|walk-in|来访|上门",
        "social": "twitter|facebook|weibo|微博",
        "page": "help center",
    }
)
Word = Annotated[str, Input(title=_("Word"), max_length=60, classified="internal")]


@attrs.frozen(kw_only=True)
class PastEvent:
    """Something that happened to a case, as `CaseEvent` has it. ``at`` has a zone."""

    at: Instant
    kind: Annotated[str, Input(title=_("What happened"), max_length=20, choices=EVENT_KINDS, classified="internal")]
    before: Annotated[str, Input(title=_("Before"), max_length=200, classified="internal")] = ""
    after: Annotated[str, Input(title=_("After"), max_length=200, classified="internal")] = ""
    user_id: OwnerId | None = None


@attrs.frozen(kw_only=True)
class PastCase:
    """A case of another system. ``state``, ``priority``, ``severity`` and ``channel`` are this plugin's names, their
    titles, or what other systems call them. ``events`` is its whole history, the first first; without, it follows from
    the instants."""

    customer_id: CustomerId
    subject: Subject
    opened_at: Instant
    external_source: Source | None = None
    external_id: ExternalId | None = None
    type: TypeName | None = None
    state: Word | None = None
    priority: Word | None = None
    severity: Literal["minor", "moderate", "major", "critical"] | None = None
    channel: Word | None = None
    answered_at: Instant | None = None
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    queue: QueueName | None = None
    owner_id: OwnerId | None = None
    intent: Intent | None = None
    language: Language | None = None
    product_id: ProductId | None = None
    body: Body | None = None
    events: Annotated[tuple[PastEvent, ...], Input(title=_("History"), max_length=1000, classified="internal")] = ()


def word_of(said: str | None, field: str, words: Mapping[str, str], titles: Mapping[str, str]) -> str | None:
    """Return the name that a word stands for. Raises InvalidInput for one that is not known."""
    if said is None or not said.strip():
        return None
    bare = plain(said)
    found = words.get(bare) or next((name for name, title in titles.items() if plain(title) == bare), None)
    if found is None:
        message, hint = _('"{word}" is not known here.'), _("There are: {known}.")
        known = ", ".join(titles)
        raise InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, word=said, known=known)])
    return found


def state_of(past: PastCase) -> str:
    """Return the state in which a case is: as it says, else by its history or its instants."""
    said = word_of(past.state, "state", STATE_WORDS, STATES)
    if past.events:
        last = next((each.after for each in reversed(past.events) if each.kind == "state"), "new")
        if last not in STATES or (said is not None and said != last):
            message = _("The history ends in another state.")
            raise InvalidInput([Problem(InvalidInput.code, message, field="events")])
        return last
    if said == "merged":
        message = _("What was merged there is not taken over.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="state")])
    if said is not None:
        return said
    if past.closed_at is not None:
        return "closed"
    if past.resolved_at is not None:
        return "resolved"
    return "open" if past.answered_at is not None else "new"


def check_order(past: PastCase) -> None:
    """Raise InvalidInput for instants that are not in order, and a history without its opening."""
    instants = [
        (name, value)
        for name in ("opened_at", "answered_at", "resolved_at", "closed_at")
        if (value := getattr(past, name)) is not None
    ]
    for (_before, first), (name, second) in pairwise(instants):
        # Some systems answer after they have resolved.
        if second < first and name != "resolved_at":
            raise InvalidInput([Problem(InvalidInput.code, _("This is before what came first."), field=name)])
    if past.resolved_at is not None and past.resolved_at < past.opened_at:
        raise InvalidInput([Problem(InvalidInput.code, _("This is before what came first."), field="resolved_at")])
    if not past.events:
        return
    unknown = next((each.kind for each in past.events if each.kind not in EVENT_KINDS), None)
    if past.events[0].kind != "opened" or past.events[0].at != past.opened_at or unknown is not None:
        message = _("A history begins with the opening, and is of the kinds that there are.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="events")])
    if any(after.at < before.at for before, after in pairwise(past.events)):
        raise InvalidInput([Problem(InvalidInput.code, _("The history is not in order."), field="events")])


def history_of(past: PastCase, state: str, channel: str) -> tuple[PastEvent, ...]:
    """Return the history of a case: as it is given, or as it follows from the instants."""
    if past.events:
        return past.events
    begun = past.opened_at
    found = [PastEvent(at=begun, kind="opened", after="new")]
    if past.owner_id is not None:
        found.append(PastEvent(at=begun, kind="owner", after=str(past.owner_id)))
    found.append(PastEvent(at=begun, kind="customer_message", after=channel))
    now = "new"
    if past.answered_at is not None:
        found.append(PastEvent(at=past.answered_at, kind="agent_message", after=channel, user_id=past.owner_id))

    def enter(wanted: str, at: datetime) -> None:
        nonlocal now
        if now != wanted:
            found.append(PastEvent(at=at, kind="state", before=now, after=wanted, user_id=past.owner_id))
            now = wanted

    if past.answered_at is not None and state != "new":
        enter("open", past.answered_at)
    over = past.resolved_at or past.closed_at or past.answered_at or begun
    if state == "closed" and past.resolved_at is not None:
        enter("resolved", past.resolved_at)
    if state == "closed":
        enter("closed", past.closed_at or over)
    else:
        enter(state, over if state == "resolved" else past.answered_at or begun)
    return tuple(sorted(found, key=lambda each: each.at))


def last_of(events: Sequence[PastEvent], kind: str) -> datetime | None:
    """Return when something of a kind happened last, None for never."""
    return next((each.at for each in reversed(events) if each.kind == kind), None)
