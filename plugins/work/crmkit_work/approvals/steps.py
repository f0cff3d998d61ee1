"""The steps of a chain: who is asked in each, and how far a request has come.

What is kept of them in JSON is read and written here alone. Must not change any record.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, get_args, get_origin
from uuid import UUID

import attrs
from attrs import frozen
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Customer, Input, InvalidInput, Problem, User, row_condition, texts
from crmkit_work.approvals.words import NEEDS, WHO
from crmkit_work.tasks.people import lead_of, main_team, members_of, stand_in

_ = texts("crmkit_work")

PLAIN = (bool, int, float, Decimal, str, date, datetime)
"""Types of inputs that conditions can speak of."""


@frozen(kw_only=True)
class ChainStep:
    """A step of a chain: who is asked, and how many of them have to agree. With ``condition``, an expression over the
    values of the request, it is left out where that does not hold."""

    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
    who: Annotated[
        Literal["user", "role", "team", "lead", "owner_lead"],
        Input(title=_("Who is asked"), choices=WHO, classified="internal"),
    ]
    name: Annotated[
        str,
        Input(title=_("Login, role or team"), max_length=120, classified="internal", help=_("For the first three.")),
    ] = ""
    needs: Annotated[Literal["any", "all"], Input(title=_("Have to agree"), choices=NEEDS, classified="internal")] = (
        "any"
    )
    condition: Annotated[str, Input(title=_("Only where"), max_length=2000, multiline=True, classified="internal")] = ""


@frozen(kw_only=True)
class Vote:
    """What somebody decided, for themselves or in place of somebody who is absent."""

    user_id: UUID
    for_id: UUID
    approved: bool


@frozen(kw_only=True)
class Progress:
    """A step of a request: who can decide, and who has. ``needed`` says whether its condition holds."""

    title: str
    needs: str
    asked: tuple[UUID, ...]
    votes: tuple[Vote, ...] = ()
    needed: bool = True

    @property
    def agreed(self) -> bool:
        """Say whether the step is through."""
        if not self.needed:
            return True
        agreeing = {vote.for_id for vote in self.votes if vote.approved}
        return bool(agreeing) if self.needs == "any" else agreeing >= set(self.asked)

    @property
    def open_for(self) -> tuple[UUID, ...]:
        """Return who has not decided yet."""
        decided = {vote.for_id for vote in self.votes}
        return tuple(each for each in self.asked if each not in decided)


def write(progress: Sequence[Progress]) -> list[Any]:
    """Return how far a request has come as it is kept."""
    return [
        {
            "title": each.title,
            "needs": each.needs,
            "needed": each.needed,
            "asked": [str(one) for one in each.asked],
            "votes": [
                {"user": str(vote.user_id), "for": str(vote.for_id), "approved": vote.approved} for vote in each.votes
            ],
        }
        for each in progress
    ]


def read(kept: Sequence[Any]) -> list[Progress]:
    """Return how far a request has come."""
    return [
        Progress(
            title=each["title"],
            needs=each["needs"],
            needed=each["needed"],
            asked=tuple(UUID(one) for one in each["asked"]),
            votes=tuple(
                Vote(user_id=UUID(vote["user"]), for_id=UUID(vote["for"]), approved=vote["approved"])
                for vote in each["votes"]
            ),
        )
        for each in kept
    ]


def current(progress: Sequence[Progress]) -> int:
    """Return the number of the first step that is not through; the number of all where all are."""
    return next((number for number, each in enumerate(progress) if not each.agreed), len(progress))


def deciders(session: CrmSession, step: Progress, requester_id: UUID | None) -> dict[UUID, UUID]:
    """Return who can decide in a step now, each with the person in whose place: those who are asked and have not
    decided, and the deputies of those who are absent. Nobody decides about a request of their own."""
    now = session.gate.clock.now()
    found: dict[UUID, UUID] = {}
    for each in step.open_for:
        found.setdefault(each, each)
        deputy = stand_in(session, each, now)
        if deputy is not None and deputy != each:
            found.setdefault(deputy, each)
    if requester_id is not None:
        found.pop(requester_id, None)
    return found


# --- who is asked -----------------------------------------------------------------------------------------------------


def resolved(
    session: CrmSession,
    steps: Sequence[ChainStep],
    values: Mapping[str, Any],
    operation: str,
    requester_id: UUID | None,
    customer: Customer | None,
) -> list[Progress]:
    """Return the steps of a request with who is asked in each. Raises InvalidInput where nobody could decide."""
    fields = fields_of(session, operation)
    found: list[Progress] = []
    for step in steps:
        needed = not step.condition.strip() or holds(session, step.condition, fields, values)
        asked = [each for each in people_of(session, step, requester_id, customer) if each != requester_id]
        if needed and not asked:
            raise InvalidInput(
                [
                    Problem(
                        InvalidInput.code,
                        _('There is nobody who could decide in the step "{step}".'),
                        field="chain",
                        hint=_("Nobody decides about a request of their own."),
                        step=step.title,
                    )
                ]
            )
        found.append(Progress(title=step.title, needs=step.needs, asked=tuple(asked), needed=needed))
    return found


def people_of(session: CrmSession, step: ChainStep, requester_id: UUID | None, customer: Customer | None) -> list[UUID]:
    """Return the active users who are asked in a step."""
    if step.who == "user":
        return list(session.scalars(select(User.id).where(User.login == step.name, User.active)))
    if step.who == "role":
        return _with_role(session, step.name)
    if step.who == "team":
        from crmkit import Team

        team_id = session.scalar(select(Team.id).where(Team.name == step.name))
        return members_of(session, team_id) if team_id is not None else []
    of = requester_id if step.who == "lead" else (customer.owner_id if customer is not None else None)
    if of is None:
        return []
    team_id = main_team(session, of)
    lead = lead_of(session, team_id)
    if lead == of:
        lead = lead_of(session, team_id, above=True)
    return [lead] if lead is not None else []


def _with_role(session: CrmSession, name: str) -> list[UUID]:
    models = session.gate.registry.models
    role, has = models["crm_role"], models["crm_user_role"]
    query = (
        select(User.id)
        .join(has, has.user_id == User.id)
        .join(role, role.id == has.role_id)
        .where(role.name == name, role.active, User.active)
    )
    return list(session.scalars(query.order_by(User.login)))


def check_steps(session: CrmSession, operation: str, steps: Sequence[ChainStep], condition: str) -> None:
    """Raise InvalidInput for steps that name nobody that there is, and conditions that cannot be used."""
    problems: list[Problem] = []
    fields = fields_of(session, operation)
    if not steps:
        problems.append(Problem(InvalidInput.code, _("Say who has to agree."), field="steps"))
    for number, step in enumerate(steps):
        named = step.who in ("user", "role", "team")
        if named and not _is_known(session, step):
            problems.append(
                Problem(
                    InvalidInput.code,
                    _('There is no such user, role or team: "{name}".'),
                    field=f"steps.{number}.name",
                    name=step.name,
                )
            )
        problems += _wrong(session, step.condition, fields, f"steps.{number}.condition")
    problems += _wrong(session, condition, fields, "condition")
    if problems:
        raise InvalidInput(problems)


def _is_known(session: CrmSession, step: ChainStep) -> bool:
    from crmkit import Team

    models = session.gate.registry.models
    column = {"user": User.login, "role": models["crm_role"].name, "team": Team.name}[step.who]
    return session.scalar(select(column).where(column == step.name).limit(1)) is not None


def _wrong(session: CrmSession, condition: str, fields: Mapping[str, Any], name: str) -> list[Problem]:
    if not condition.strip():
        return []
    try:
        row_condition(session, condition, fields)
    except CrmkitError as error:
        for problem in error.problems:
            problem.field = name
        return list(error.problems)
    return []


# --- conditions over the values of a request --------------------------------------------------------------------------


def fields_of(session: CrmSession, operation: str) -> dict[str, Any]:
    """Return the inputs of an operation that conditions can speak of, each with its Python type, which may be None."""
    shape = session.gate.registry.operation(operation).inputs
    hints = typing.get_type_hints(shape, include_extras=True)
    found: dict[str, Any] = {}
    for each in attrs.fields(shape):
        plain = _plain(hints.get(each.name, Any))
        if plain is not None:
            found[each.name] = plain | None
    return found


def _plain(hint: Any) -> Any:
    """Return the plain type that an input takes, or None."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _plain(get_args(hint)[0])
    if origin is Literal:
        kinds = {type(each) for each in get_args(hint)}
        return kinds.pop() if len(kinds) == 1 and kinds <= set(PLAIN) else None
    if origin in (typing.Union, types.UnionType):
        found = {each for each in map(_plain, get_args(hint)) if each is not None}
        return found.pop() if len(found) == 1 else None
    return hint if hint in PLAIN else None


def holds(session: CrmSession, condition: str, fields: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Say whether a condition holds for the values of a request."""
    row = {name: _typed(values.get(name), get_args(kind)[0]) for name, kind in fields.items()}
    return row_condition(session, condition, fields)(row)


def _typed(value: Any, kind: Any) -> Any:
    """Return a value as one of a type: requests may come as text. What is none of it counts as not given."""
    if value is None or (isinstance(value, kind) and not (kind is int and isinstance(value, bool))):
        return value
    try:
        if kind is bool:
            return {"true": True, "false": False}.get(str(value).lower())
        if kind is datetime:
            return datetime.fromisoformat(str(value))
        if kind is date:
            return date.fromisoformat(str(value))
        return kind(str(value))
    except (ValueError, InvalidOperation):
        return None
