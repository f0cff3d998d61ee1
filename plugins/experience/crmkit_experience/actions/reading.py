"""Reading actions: the list, and the library of what worked. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from crmkit import CrmSession, NotFound, texts
from crmkit_experience.actions.models import ImprovementAction

_ = texts("crmkit_experience")


def actions(
    session: CrmSession, *, state: str = "", verdict: str = "", search: str = "", step: str = "", limit: int = 200
) -> Sequence[ImprovementAction]:
    """Return actions, the newest first; in a state, with a verdict, about a step, or with a text in their name, title,
    hypothesis, measure, step or in what was learnt. With a verdict those with the largest effect come first."""
    model = ImprovementAction
    query = select(model)
    for column, wanted in ((model.state, state), (model.verdict, verdict), (model.step, step)):
        if wanted:
            query = query.where(column == wanted)
    if search.strip():
        text = search.strip()
        fields = (model.name, model.title, model.hypothesis, model.measure, model.step, model.learnt)
        query = query.where(or_(*(each.icontains(text, autoescape=True) for each in fields)))
    if verdict:
        ordered = query.order_by(func.abs(model.effect).desc(), model.name)
    else:
        ordered = query.order_by(model.created_at.desc(), model.name)
    return session.scalars(ordered.limit(limit)).all()


def action_named(session: CrmSession, name: str) -> ImprovementAction:
    """Return an action by its name. Raises NotFound."""
    found = session.scalars(select(ImprovementAction).where(ImprovementAction.name == name)).first()
    if found is None:
        raise NotFound(
            _('There is no action "{name}".'), fix=_("crmkit experience actions list shows all."), name=name[:60]
        )
    return found
