"""What can be done with an article: those operations that its reader has the right to and its state allows.

The gate decides again when one is chosen. Must not run anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from crmkit import CrmSession, texts
from crmkit_knowledge.articles.models import Article, Revision, Space
from crmkit_knowledge.articles.words import STANDING
from crmkit_knowledge.desk.rights import may, may_approve

_ = texts("crmkit_knowledge")


@frozen(kw_only=True)
class Act:
    """A button. With ``ask`` it leads to the form of the operation, else it does it at once."""

    name: str
    title: str
    icon: str
    ask: bool = False
    primary: bool = False
    values: tuple[tuple[str, str], ...] = ()


def acts_of(
    session: CrmSession, article: Article, space: Space, work: Revision | None, source: Article | None, *, stale: bool
) -> Sequence[Act]:
    """Return what whoever reads may do with an article now, the next step first."""
    found: list[Act] = []
    update, release = may(session, "update"), may(session, "release")
    state = work.state if work is not None else ""
    if update and state == "draft":
        found.append(_act("submit", _("Ask for approval"), "send", primary=True))
    if state == "in_review" and work is not None and may_approve(session, article, work, space):
        found.append(_act("approve", _("Approve"), "check", primary=True))
    if release and state == "approved":
        found.append(_act("release", _("Publish now"), "world", primary=True))
        found.append(_act("release", _("Publish later"), "calendar", ask=True))
    if may(session, "approve") and state in ("in_review", "approved"):
        found.append(_act("send_back", _("Send back"), "arrow-left", ask=True))
    if may(session, "approve") and article.state in STANDING:
        due = article.state != "published"
        found.append(_act("verify", _("It is still right"), "shield-check", primary=due))
    if release and article.state in STANDING:
        found.append(_act("archive", _("Archive"), "archive"))
    if release and article.state == "archived":
        found.append(_act("bring_back", _("Publish again"), "refresh", primary=True))
    if update and stale:
        found.append(_act("follow", _("The translation is up to date"), "check"))
    told = source if source is not None else article
    if may(session, "create") and told.released is not None:
        found.append(_act("translate", _("Translate"), "language", ask=True))
    if update:
        found.append(_act("update", _("Where it stands and whose it is"), "settings", ask=True))
    return found


def _act(name: str, title: str, icon: str, *, ask: bool = False, primary: bool = False) -> Act:
    return Act(name=f"knowledge.article.{name}", title=title, icon=icon, ask=ask, primary=primary)
