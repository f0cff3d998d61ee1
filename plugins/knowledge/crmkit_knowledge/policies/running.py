"""What is done where an article has to be verified and is not: reminding, telling, escalating, hiding.

Each step is taken once for each day by which an article has to be verified. In system scope, by a job. Notices are
those of `work`, where it is enabled; without it there are the events alone. Must not decide which policy holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CRM, Actor, CrmSession, Input, Job, Refused, TeamMember, operation, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.articles.releasing import hide
from crmkit_knowledge.articles.words import STANDING
from crmkit_knowledge.policies.events import ArticleEscalated, ArticleHidden, ArticleReminded
from crmkit_knowledge.policies.finding import Policies, policies_of
from crmkit_knowledge.policies.models import Policy, PolicyStep

_ = texts("crmkit_knowledge")

RUN = "knowledge.policy.run_due"
TELL = "work.notice.add"
NOTICE = "knowledge.verification"
BATCH, MOST_TOLD = 200, 20
REMIND = _("Article {number} has to be verified by {day}: {title}")
OVERDUE = _("Article {number} had to be verified by {day}: {title}")
ESCALATE = _("Nobody has verified article {number}, which was due on {day}: {title}")
HIDDEN = _("Article {number} is hidden until somebody verifies it: {title}")


@operation(RUN, title=_("Do what verification policies say"), permission="knowledge.policy.manage", hidden=True)
def run_due(
    session: CrmSession,
    *,
    after: Annotated[UUID | None, Input(title=_("After"), classified="internal")] = None,
) -> UUID | None:
    """Take the steps that are due for the next 200 articles after one; return the last of them, None at the end.

    Raises Refused outside system scope.
    """
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    policies, today = policies_of(session), session.today()
    ahead = max((each.remind_days for each in policies.policies), default=0)
    query = select(Article).where(Article.state.in_(STANDING), Article.verify_on <= today + timedelta(days=ahead))
    if after is not None:
        query = query.where(Article.id > after)
    articles = session.scalars(query.order_by(Article.id).limit(BATCH)).all()
    taken = _taken(session, articles)
    for article in articles:
        if article.verify_on is not None:
            _steps(session, policies, article, article.verify_on, today, taken.get(article.id, set()))
    return articles[-1].id if len(articles) == BATCH else None


def _taken(session: CrmSession, articles: Sequence[Article]) -> dict[UUID, set[tuple[str, date]]]:
    found: dict[UUID, set[tuple[str, date]]] = {}
    query = select(PolicyStep).where(PolicyStep.article_id.in_([each.id for each in articles]))
    for step in session.scalars(query) if articles else ():
        found.setdefault(step.article_id, set()).add((step.kind, step.verify_on))
    return found


def _steps(
    session: CrmSession,
    policies: Policies,
    article: Article,
    due: date,
    today: date,
    taken: set[tuple[str, date]],
) -> None:
    policy = policies.of(article)
    late = (today - due).days
    people = _responsible(session, article, policy)
    soon = policy is not None and policy.remind_days > 0 and 0 <= -late <= policy.remind_days
    if soon and _take(session, article, policy, "reminded", due, taken):
        session.emit(ArticleReminded(article_id=article.id, number=article.number, verify_on=due))
        _tell(session, people, article, due, REMIND)
    if late <= 0:
        return
    if _take(session, article, policy, "overdue", due, taken):
        _tell(session, people, article, due, OVERDUE)
    escalates = policy is not None and policy.escalate_days is not None and late >= policy.escalate_days
    if escalates and _take(session, article, policy, "escalated", due, taken):
        session.emit(ArticleEscalated(article_id=article.id, number=article.number, verify_on=due))
        _tell(session, _above(session, article, policy) or people, article, due, ESCALATE)
    if article.state == "needs_verification" and _hides(policies, article, policy, late):
        hide(session, article)
        _take(session, article, policy, "hidden", due, taken)
        session.emit(ArticleHidden(article_id=article.id, number=article.number, verify_on=due))
        _tell(session, people, article, due, HIDDEN)


def _hides(policies: Policies, article: Article, policy: Policy | None, late: int) -> bool:
    """Say whether an article that is so many days late is to be hidden: as its policy says, else as its space does."""
    if policy is not None and policy.hide_days is not None:
        return late >= policy.hide_days
    return policies.spaces[article.space_id].hide_overdue


def _take(
    session: CrmSession, article: Article, policy: Policy | None, kind: str, due: date, taken: set[tuple[str, date]]
) -> bool:
    """Write a step down; return whether it was not taken before."""
    if (kind, due) in taken:
        return False
    taken.add((kind, due))
    session.add(
        PolicyStep(
            recorded_at=session.gate.clock.now(),
            article_id=article.id,
            kind=kind,
            verify_on=due,
            at=session.gate.clock.business_now(),
            policy_id=policy.id if policy is not None else None,
        )
    )
    session.flush()
    return True


def _responsible(session: CrmSession, article: Article, policy: Policy | None) -> list[UUID]:
    """Return who has to verify an article: whom the policy names, else the owner, else the people of a team."""
    if policy is not None and policy.responsible_id is not None:
        return [policy.responsible_id]
    if policy is not None and policy.responsible_team_id is not None:
        return _members(session, policy.responsible_team_id)
    if article.owner_id is not None:
        return [article.owner_id]
    return _members(session, article.team_id)


def _above(session: CrmSession, article: Article, policy: Policy | None) -> list[UUID]:
    """Return who is told where nobody has verified an article in time."""
    if policy is not None and policy.escalate_to_id is not None:
        return [policy.escalate_to_id]
    team = policy.responsible_team_id if policy is not None else None
    return _members(session, team or article.team_id)


def _members(session: CrmSession, team_id: UUID | None) -> list[UUID]:
    if team_id is None:
        return []
    query = select(TeamMember.user_id).where(TeamMember.team_id == team_id).order_by(TeamMember.user_id)
    return list(session.scalars(query.limit(MOST_TOLD)))


def _tell(session: CrmSession, users: Iterable[UUID], article: Article, due: date, title: str) -> None:
    told = [str(each) for each in dict.fromkeys(users)]
    if not told or TELL not in session.gate.registry.operations:
        return
    details = {"number": str(article.number), "day": {"day": due.isoformat()}, "title": article.title[:120]}
    session.run(
        TELL,
        {
            "user_ids": told,
            "kind": NOTICE,
            "title": str(title),
            "domain": "crmkit_knowledge",
            "details": details,
            "ref": f"knowledge.article:{article.id}",
            "path": f"/modules/knowledge/article?id={article.id}",
        },
    )


def overdue_count(session: CrmSession) -> int:
    """Return how many published articles are overdue."""
    query = select(func.count()).select_from(Article)
    return session.scalar(query.where(Article.state.in_(STANDING), Article.verify_on < session.today())) or 0


def _job(crm: CRM, actor: Actor, tick: datetime) -> None:
    after = crm.run(actor, RUN)
    while after is not None:
        after = crm.run(actor, RUN, {"after": after})


OPERATIONS = [run_due]
JOBS = [
    Job(
        name="knowledge.policies",
        title=_("Articles that somebody has to verify"),
        handler=_job,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=900,
    )
]
