"""The pages of staff: all challenges with how they go, and one of them with who completed it.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Page, texts
from crmkit_loyalty.challenges.models import Badge, Challenge, ChallengeCompletion, ChallengeProgress
from crmkit_loyalty.challenges.words import BADGES, COMPLETIONS, KINDS, STATES, UNITS, WINDOWS
from crmkit_loyalty.desk.common import HOME, TONES, found, may, names
from crmkit_loyalty.programs.models import PointType, Program

_ = texts("crmkit_loyalty")

LIST, ONE = "/modules/loyalty/challenges", "/modules/loyalty/challenge"
SHOWN = 50


def list_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return all challenges, those that run first, with how many members are in them and completed them."""
    order = {"published": 0, "draft": 1, "retired": 2}
    rows = sorted(
        session.scalars(select(Challenge).order_by(Challenge.created_at.desc(), Challenge.id)).all(),
        key=lambda each: order[each.state],
    )
    return {
        "rows": rows,
        "taking": _counts(session, select(ChallengeProgress.challenge_id, func.count())),
        "completed": _counts(
            session, select(ChallengeCompletion.challenge_id, func.count()).where(ChallengeCompletion.state == "given")
        ),
        "programs": {each.id: each.title for each in session.scalars(select(Program))},
        "several": session.scalars(select(func.count()).select_from(Program)).one() > 1,
        "one": ONE,
        "here": LIST,
        **_words(session),
    }


def one_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a challenge with who completed it last and who has come far. Raises NotFound."""
    challenge = found(session, Challenge, query.get("id", ""))
    done = session.scalars(
        select(ChallengeCompletion)
        .where(ChallengeCompletion.challenge_id == challenge.id)
        .order_by(ChallengeCompletion.completed_at.desc(), ChallengeCompletion.id)
        .limit(SHOWN)
    ).all()
    today = session.today()
    near = session.scalars(
        select(ChallengeProgress)
        .where(
            ChallengeProgress.challenge_id == challenge.id,
            ChallengeProgress.value > 0,
            (ChallengeProgress.through.is_(None)) | (ChallengeProgress.through >= today),
        )
        .order_by(ChallengeProgress.value.desc(), ChallengeProgress.id)
        .limit(SHOWN)
    ).all()
    badges = select(func.count()).select_from(Badge).where(Badge.challenge_id == challenge.id, Badge.state == "given")
    return {
        "challenge": challenge,
        "program": session.get_one(Program, challenge.program_id),
        "unit": session.get_one(PointType, challenge.type_id).title,
        "done": done,
        "near": near,
        "taking": _counts(session, select(ChallengeProgress.challenge_id, func.count())).get(challenge.id, 0),
        "completed": _counts(
            session, select(ChallengeCompletion.challenge_id, func.count()).where(ChallengeCompletion.state == "given")
        ).get(challenge.id, 0),
        "badge_count": session.scalars(badges).one(),
        "customers": names(session, Customer, [*(each.customer_id for each in done), *(n.customer_id for n in near)]),
        "list": LIST,
        "here": f"{ONE}?id={challenge.id}",
        **_words(session),
    }


def _counts(session: CrmSession, query: Any) -> dict[UUID, int]:
    column = query.selected_columns[0]
    rows: Sequence[Any] = session.execute(query.group_by(column)).all()
    return {row[0]: row[1] for row in rows}


def _words(session: CrmSession) -> dict[str, Any]:
    return {
        "states": STATES,
        "kinds": KINDS,
        "windows": WINDOWS,
        "units": UNITS,
        "badge_rules": BADGES,
        "completions": COMPLETIONS,
        "tones": TONES,
        "may_manage": may(session, "loyalty.challenge", "manage"),
        "home": HOME,
    }


PAGES = [
    Page(
        name="loyalty.challenges",
        title=_("Challenges"),
        path="/challenges",
        template="loyalty/challenges/list.html",
        context=list_page,
        permission="loyalty.challenge.read",
        icon="target",
        order=82,
    ),
    Page(
        name="loyalty.challenge",
        title=_("Challenge"),
        path="/challenge",
        template="loyalty/challenges/one.html",
        context=one_page,
        permission="loyalty.challenge.read",
        menu=False,
    ),
]
