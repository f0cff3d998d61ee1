"""The reports on what there is, and on how it is kept right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Period, Report, Table, User, texts
from crmkit_knowledge.articles.models import Article, Revision, Space, Verification
from crmkit_knowledge.articles.words import KINDS, OPEN, SHOWN, STANDING, STATES

_ = texts("crmkit_knowledge")

READ = "knowledge.article.read"
SOON = 31
"""Days within which a verification counts as due."""
KEY = Column(name="key", title=_("Key"), hidden=True)
BY = {"state": _("State"), "kind": _("Kind"), "language": _("Language"), "space": _("Space")}
SPLITS = {"owner": _("Owner"), "month": _("Month")}


@frozen(kw_only=True)
class ArticleParameters:
    """By what the articles are told apart."""

    by: Annotated[
        Literal["state", "kind", "language", "space"], Input(title=_("By"), choices=BY, classified="internal")
    ] = "state"


@frozen(kw_only=True)
class VerificationParameters:
    """The days of which the report speaks, and by what verifications are told apart."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[Literal["owner", "month"], Input(title=_("By"), choices=SPLITS, classified="internal")] = "owner"


def article_rows(session: CrmSession, parameters: ArticleParameters, moment: Moment) -> Table:
    """Return how many articles there are, by what is asked for: those that are shown, are being worked on, and are
    overdue."""
    titles: Mapping[str, str] = {"state": STATES, "kind": KINDS}.get(parameters.by, {})
    if parameters.by == "space":
        titles = {str(each.id): each.title for each in session.scalars(select(Space))}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    working = set(session.scalars(select(Revision.article_id).where(Revision.state.in_(OPEN))))
    columns = (Article.id, Article.state, Article.kind, Article.language, Article.space_id, Article.verify_on)
    for identity, state, kind, language, space, verify_on in session.execute(select(*columns)):
        group = counts[{"state": state, "kind": kind, "language": language, "space": str(space)}[parameters.by]]
        group["articles"] += 1
        group["shown"] += state in SHOWN
        group["in_work"] += identity in working
        group["overdue"] += state in STANDING and verify_on is not None and verify_on < moment.today
    order = [*(key for key in titles if key in counts), *sorted(set(counts) - set(titles))]
    names = ("articles", "shown", "in_work", "overdue")
    rows = [{"key": key, "group": titles.get(key, key), **{name: counts[key][name] for name in names}} for key in order]
    return Table(rows=rows)


def verification_rows(session: CrmSession, parameters: VerificationParameters, moment: Moment) -> Table:
    """Return what was verified in a period and how much of it in time, by month; or by owner, with what is due within a
    month and what is overdue now.

    Publishing a text is no verification of it: that begins with the second entry about a revision. It was in time where
    the article had not become overdue before.
    """
    zone = ZoneInfo(moment.zone) if isinstance(moment.zone, str) else moment.zone
    first, last = parameters.period.first, min(parameters.period.last, moment.today)
    columns = (Article.id, Article.owner_id, Article.state, Article.verify_on)
    articles = {row[0]: row for row in session.execute(select(*columns))}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for identity, day, in_time in _verified(session, zone):
        if identity not in articles or not first <= day <= last:
            continue
        key = f"{day:%Y-%m}" if parameters.by == "month" else _owner(articles[identity][1])
        counts[key]["verified"] += 1
        counts[key]["in_time"] += in_time
    if parameters.by == "owner":
        for _identity, owner, state, verify_on in articles.values():
            if state not in STANDING or verify_on is None:
                continue
            counts[_owner(owner)]["overdue"] += verify_on < moment.today
            counts[_owner(owner)]["due"] += moment.today <= verify_on < moment.today + timedelta(days=SOON)
    names = _names(session, counts) if parameters.by == "owner" else {}
    rows = [
        {
            "key": key or "nobody",
            "group": names.get(key, key) if key else _("Nobody"),
            **{name: counts[key][name] for name in ("due", "overdue", "verified", "in_time")},
        }
        for key in sorted(counts, key=lambda each: names.get(each, each))
        if any(counts[key].values())
    ]
    return Table(rows=rows)


def _verified(session: CrmSession, zone: Any) -> Iterable[tuple[UUID, date, bool]]:
    """Yield what was verified: the article, the day, and whether it was in time."""
    columns = (Verification.article_id, Verification.number, Verification.outcome, Verification.at)
    seen: dict[UUID, int] = {}
    late: set[UUID] = set()
    for article, number, outcome, at in session.execute(select(*columns).order_by(Verification.at, Verification.id)):
        if outcome != "verified":
            late.add(article)
            continue
        if seen.get(article) == number:
            yield article, at.astimezone(zone).date(), article not in late
        seen[article] = number
        late.discard(article)


def _owner(owner: UUID | None) -> str:
    return str(owner) if owner is not None else ""


def _names(session: CrmSession, keys: Iterable[str]) -> dict[str, str]:
    wanted = [UUID(each) for each in keys if each]
    return {str(each.id): each.name for each in session.scalars(select(User).where(User.id.in_(wanted)))}


REPORTS = [
    Report(
        name="knowledge.articles",
        title=_("Articles"),
        rows=article_rows,
        parameters=ArticleParameters,
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="articles", title=_("Articles"), kind="integer", total=True),
            Column(name="shown", title=_("Published"), kind="integer", total=True),
            Column(name="in_work", title=_("Being worked on"), kind="integer", total=True),
            Column(name="overdue", title=_("Overdue"), kind="integer", total=True),
        ],
        charts=[Chart.bars("group", "articles")],
        temporal=False,
        doc=_("How many articles there are by state, kind, language or space."),
    ),
    Report(
        name="knowledge.verification",
        title=_("Verification of articles"),
        rows=verification_rows,
        parameters=VerificationParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("Owner or month")),
            Column(name="due", title=_("Due within a month"), kind="integer", total=True),
            Column(name="overdue", title=_("Overdue"), kind="integer", total=True),
            Column(name="verified", title=_("Verified"), kind="integer", total=True),
            Column(name="in_time", title=_("In time"), kind="integer", total=True),
            Column(
                name="rate",
                title=_("Verified in time"),
                kind="rate",
                successes="in_time",
                trials="verified",
                doc=_("Before the article had become overdue. Publishing a text is not counted."),
            ),
        ],
        charts=[Chart.bars("group", "verified", "overdue")],
        temporal=False,
        doc=_("What has to be verified, and how much is verified in time, by owner or month."),
    ),
]
