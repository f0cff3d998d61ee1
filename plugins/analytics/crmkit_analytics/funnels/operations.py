"""Laying down funnels: each saving is a new version. Must not compute anything."""

from __future__ import annotations

from typing import Annotated, Literal

import attrs

from crmkit import CrmSession, Input, InvalidInput, Problem, catalogue_of, operation, texts
from crmkit_analytics.definitions.keeping import save, withdraw
from crmkit_analytics.definitions.models import Definition
from crmkit_analytics.funnels.steps import Funnel, Step

_ = texts("crmkit_analytics")

MOST_STEPS = 12
_DIRECTIONS = {"": _("Any"), "in": _("From the customer"), "out": _("To the customer"), "internal": _("Internal")}

_Kind = Annotated[str, Input(title=_("Kind of interaction"), max_length=60, classified="internal")]


@attrs.frozen(kw_only=True)
class NewStep:
    """One step of a funnel: an interaction of a kind, or the moment of a fact."""

    title: Annotated[str, Input(title=_("Title"), max_length=120, classified="internal")]
    kind: _Kind = ""
    channel: Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")] = ""
    outcome: Annotated[str, Input(title=_("Outcome"), max_length=60, classified="internal")] = ""
    direction: Annotated[
        Literal["", "in", "out", "internal"], Input(title=_("Direction"), choices=_DIRECTIONS, classified="internal")
    ] = ""
    fact: Annotated[str, Input(title=_("Or the moment of the fact"), max_length=120, classified="internal")] = ""


@attrs.frozen(kw_only=True)
class NewFunnel:
    """A funnel as it is laid down."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
    steps: Annotated[tuple[NewStep, ...], Input(title=_("Steps"), max_length=MOST_STEPS, classified="internal")]
    window_days: Annotated[
        int, Input(title=_("Days from the first step on"), minimum=1, maximum=3650, classified="internal")
    ] = 30
    exclude: Annotated[
        str, Input(title=_("Taken out by a kind of interaction"), max_length=60, classified="internal")
    ] = ""
    where: Annotated[
        str, Input(title=_("Only customers for whom"), max_length=2000, multiline=True, classified="internal")
    ] = ""
    note: Annotated[str, Input(title=_("What has changed"), max_length=500, classified="internal")] = ""


@operation("analytics.funnel.save", title=_("Lay down a funnel"), permission="analytics.definition.manage")
def save_funnel(session: CrmSession, new: NewFunnel) -> Definition:
    """Lay down a funnel, or a new version of one.

    Raises InvalidInput for fewer than two steps and for a step that is neither a kind nor a fact, ExpressionError for
    a condition that cannot be used, UnknownFact for a fact that there is not.
    """
    if len(new.steps) < 2:
        raise InvalidInput([Problem(InvalidInput.code, _("A funnel has at least two steps."), field="steps")])
    known = catalogue_of(session)
    for number, step in enumerate(new.steps):
        if bool(step.kind) == bool(step.fact):
            text = _("A step is either a kind of interaction or a fact.")
            raise InvalidInput([Problem(InvalidInput.code, text, field=f"steps.{number}")])
        if step.fact:
            known.ref(step.fact)
    if new.where:
        known.checked(new.where)
    funnel = Funnel(
        steps=[Step(**attrs.asdict(each)) for each in new.steps],
        window_days=new.window_days,
        exclude=new.exclude,
        where=new.where,
    )
    return save(session, "funnel", new.name, new.title, funnel, new.note)


@operation("analytics.funnel.withdraw", title=_("Withdraw a funnel"), permission="analytics.definition.manage")
def withdraw_funnel(
    session: CrmSession, *, name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
) -> Definition:
    """Have a funnel no longer count; its versions stay. Raises NotFound."""
    return withdraw(session, "funnel", name)


OPERATIONS = [save_funnel, withdraw_funnel]
