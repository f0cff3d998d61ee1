"""Drawing feedback to be coded, coding it without the others' word, and deciding where people differ."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.classifying.operations import say, theme_named
from crmkit_feedback.coding.models import Coding, Drawn
from crmkit_feedback.items.history import problem
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")

CREATE, DRAW = "feedback.coding.create", "feedback.coding.draw"
MOST = 500
CHUNK = 200
Themes = Annotated[
    tuple[str, ...],
    Input(
        title=_("Themes"),
        help=_("None, where it is about nothing of these."),
        max_length=50,
        resource="feedback.theme",
        classified="internal",
    ),
]


@frozen(kw_only=True)
class DrawnNow:
    """How much feedback was drawn."""

    number: int


@operation(DRAW, title=_("Draw feedback to be coded"), permission=DRAW, effect="create")
def draw(
    session: CrmSession,
    *,
    number: Annotated[int, Input(title=_("How many"), minimum=1, maximum=MOST, classified="internal")] = 50,
    seed: Annotated[int, Input(title=_("Seed"), help=_("The same seed draws the same."), classified="internal")] = 0,
) -> DrawnNow:
    """Draw feedback with words at random that two people are to code, each without seeing what the other said. What was
    drawn before is not drawn again."""
    ids = session.scalars(select(Feedback.id).where(Feedback.id.not_in(select(Drawn.feedback_id))))
    order = sorted(ids, key=lambda each: sha256(f"{seed} {each}".encode()).digest())
    chosen: list[UUID] = []
    for start in range(0, len(order), CHUNK):
        part = order[start : start + CHUNK]
        records = {each.id: each for each in session.scalars(select(Feedback).where(Feedback.id.in_(part)))}
        # Words are sealed: only a record that is loaded says whether there are any.
        chosen += [each for each in part if str(records[each].verbatim or "").strip()]
        if len(chosen) >= number:
            break
    chosen = chosen[:number]
    session.add_all(Drawn(feedback_id=each) for each in chosen)
    return DrawnNow(number=len(chosen))


@operation(CREATE, title=_("Say what it is about"), permission=CREATE, effect="create")
def code(session: CrmSession, feedback: Feedback, *, themes: Themes = ()) -> Coding:
    """Say, for oneself, what feedback that was drawn is about; said again it takes the place of what one said before.

    Raises InvalidInput for feedback that was not drawn and for who is no user, NotFound for a theme that there is not.
    """
    drawn = _drawn(session, feedback)
    if drawn.settled_at is not None:
        raise problem("themes", _("It has been decided what this is about."))
    user_id = session.actor.user_id
    if user_id is None:
        raise problem("themes", _("People code, not programs."))
    names = sorted({theme_named(session, each).name for each in themes})
    own = select(Coding).where(Coding.feedback_id == feedback.id, Coding.user_id == user_id)
    row = session.scalars(own).first() or Coding(feedback_id=feedback.id, user_id=user_id)
    row.themes = names
    session.add(row)
    session.flush()
    return row


@operation("feedback.coding.settle", title=_("Decide what it is about"), permission=DRAW, effect="update")
def settle(session: CrmSession, feedback: Feedback, *, themes: Themes = ()) -> Feedback:
    """Decide what feedback is about that was coded: it is about these themes, and not about the others that somebody or
    a machine named. No machine takes that back, and the next model learns from it. Raises InvalidInput, NotFound."""
    drawn = _drawn(session, feedback)
    wanted = {theme_named(session, each).name for each in themes}
    coded = {
        name
        for said in session.scalars(select(Coding.themes).where(Coding.feedback_id == feedback.id))
        for name in said
    }
    labelled = set(
        session.scalars(
            select(Theme.name)
            .join(FeedbackTheme, FeedbackTheme.theme_id == Theme.id)
            .where(FeedbackTheme.feedback_id == feedback.id)
        )
    )
    there = set(session.scalars(select(Theme.name)))
    for name in sorted((wanted | coded | labelled) & there):
        say(session, feedback, name, "on" if name in wanted else "off")
    drawn.settled_at = session.gate.clock.business_now()
    return feedback


def _drawn(session: CrmSession, feedback: Feedback) -> Drawn:
    found = session.scalars(select(Drawn).where(Drawn.feedback_id == feedback.id)).first()
    if found is None:
        raise problem("themes", _("This was not drawn to be coded."))
    return found


OPERATIONS = [draw, code, settle]
