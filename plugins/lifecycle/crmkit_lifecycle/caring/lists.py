"""Onboarding lists: templates, lists of customers, and what is done on them.

Must not decide when a customer comes to a stage.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from crmkit_work.api import NewTask, NoWorkingTime, calendar_for, create_task, working_calendar
from sqlalchemy import select

from crmkit import (
    Conflict,
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    Job,
    NotFound,
    Problem,
    Refused,
    Subscription,
    catalogue_of,
    moment_of,
    operation,
    texts,
    values_of,
)
from crmkit.errors import AlreadyExists
from crmkit_lifecycle.caring.events import ChecklistDone, ChecklistStarted, ItemDone
from crmkit_lifecycle.caring.models import Checklist, ChecklistItem, ListTemplate, TemplateItem
from crmkit_lifecycle.caring.words import WHO

_ = texts("crmkit_lifecycle")

MANAGE = "lifecycle.template.manage"
DAY = timedelta(hours=8)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@frozen(kw_only=True)
class NewItem:
    """Something to be done: within so many working days, by the customer's owner or a team, by hand or as soon as a
    condition over facts holds."""

    title: Annotated[str, Input(title=_("Title"), max_length=300, classified="public")]
    due_days: Annotated[int, Input(title=_("Within working days"), minimum=0, maximum=1000, classified="public")] = 5
    who: Annotated[Literal["owner", "team"], Input(title=_("Who"), choices=WHO, classified="public")] = "owner"
    team_id: Annotated[UUID | None, Input(title=_("Team"), resource="team", classified="public")] = None
    done_when: Annotated[
        str, Input(title=_("Done when"), max_length=2000, classified="internal", help=_("A condition over facts."))
    ] = ""
    required: Annotated[bool, Input(title=_("Required"), classified="public")] = True


@operation("lifecycle.template.create", title=_("Add a list"), permission=MANAGE, effect="create")
def create_template(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="public")],
    items: Annotated[tuple[NewItem, ...], Input(title=_("Items"), max_length=100, classified="internal")],
    model: Annotated[str, Input(title=_("Model"), max_length=60, classified="public")] = "",
    stage: Annotated[
        str,
        Input(title=_("Stage"), max_length=60, classified="public", help=_("Begun for whoever comes to this stage.")),
    ] = "",
) -> ListTemplate:
    """Add a template of a list. Raises AlreadyExists for a name that is taken, InvalidInput for one that is none, for
    conditions that cannot be used, and for no items."""
    problems: list[Problem] = []
    if not _NAME.fullmatch(name):
        hint = _("Small letters, digits and _, such as trial.")
        problems.append(Problem(InvalidInput.code, _("This is no name."), field="name", hint=hint))
    if not items:
        problems.append(Problem(InvalidInput.code, _("Say what is to be done."), field="items"))
    for place, each in enumerate(items):
        try:
            if each.done_when.strip():
                catalogue_of(session).checked(each.done_when)
        except CrmkitError as error:
            message = _("This condition cannot be used: {reason}")
            at = f"items.{place}.done_when"
            problems.append(Problem(InvalidInput.code, message, field=at, reason=error.render()))
    if problems:
        raise InvalidInput(problems)
    if session.scalar(select(ListTemplate.id).where(ListTemplate.name == name)) is not None:
        raise AlreadyExists(_('There is a list "{name}" already.'), name=name)
    template = ListTemplate(name=name, title=title, model=model, stage=stage, active=True)
    session.add(template)
    session.flush()
    for place, each in enumerate(items):
        session.add(
            TemplateItem(
                template_id=template.id,
                position=place,
                title=each.title,
                due_days=each.due_days,
                who=each.who,
                team_id=each.team_id,
                done_when=each.done_when.strip(),
                required=each.required,
            )
        )
    return template


@operation("lifecycle.template.retire", title=_("Use no more"), permission=MANAGE, effect="update")
def retire_template(session: CrmSession, template: ListTemplate) -> ListTemplate:
    """Begin no list by a template any more; those that are under way go on."""
    template.active = False
    return template


@operation(
    "lifecycle.checklist.start", title=_("Begin a list"), permission="lifecycle.checklist.create", effect="create"
)
def start_list(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    template: Annotated[str, Input(title=_("List"), max_length=60, classified="internal")],
) -> Checklist:
    """Begin a list for a customer, with a task for each item that a person does. Raises NotFound for an unknown
    customer or list, Conflict where it is under way already."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    found = session.scalars(select(ListTemplate).where(ListTemplate.name == template, ListTemplate.active)).first()
    if found is None:
        names = ", ".join(session.scalars(select(ListTemplate.name).where(ListTemplate.active))) or "–"
        raise NotFound(_('There is no list "{name}".'), fix=_("There are: {names}."), name=template, names=names)
    running = select(Checklist.id).where(
        Checklist.customer_id == customer_id, Checklist.template_id == found.id, Checklist.state == "open"
    )
    if session.scalar(running) is not None:
        raise Conflict(_('"{title}" is under way already.'), title=found.title)
    checklist = Checklist(
        customer_id=customer_id,
        owner_id=customer.owner_id,
        team_id=customer.team_id,
        template_id=found.id,
        title=found.title,
        state="open",
        began_at=session.gate.clock.business_now(),
    )
    session.add(checklist)
    session.flush()
    items = session.scalars(
        select(TemplateItem).where(TemplateItem.template_id == found.id).order_by(TemplateItem.position)
    ).all()
    for each in items:
        team_id = each.team_id if each.who == "team" else None
        due = _due(session, each.due_days, team_id or customer.team_id)
        item = ChecklistItem(
            checklist_id=checklist.id,
            customer_id=customer_id,
            position=each.position,
            title=each.title,
            due_at=due,
            done_when=each.done_when,
            required=each.required,
            state="open",
        )
        session.add(item)
        session.flush()
        if not each.done_when:
            task = NewTask(
                title=each.title,
                customer_id=customer_id,
                due_at=due,
                owner_id=customer.owner_id if each.who == "owner" else None,
                team_id=team_id,
                source="lifecycle",
            )
            item.task_id = create_task(session, task).id
    session.emit(ChecklistStarted(customer_id=customer_id, checklist_id=checklist.id, template=found.name))
    return checklist


def _due(session: CrmSession, days: int, team_id: UUID | None) -> datetime:
    """Return when so many working days of eight hours have gone by, of a team; in UTC."""
    now, worked = session.gate.clock.now(), days * DAY
    found = calendar_for(session, team_id=team_id)
    try:
        return now + timedelta(days=days) if found is None else working_calendar(session, found).add(now, worked)
    except (NoWorkingTime, OverflowError):
        return now + timedelta(days=days)


@operation("lifecycle.checklist.tick", title=_("Done"), permission="lifecycle.checklist.update")
def tick_item(
    session: CrmSession,
    *,
    item_id: Annotated[UUID, Input(title=_("Item"), classified="internal")],
    skip: Annotated[bool, Input(title=_("Leave out"), classified="internal")] = False,
) -> Checklist:
    """Say that something on a list is done, or left out. Raises NotFound, Conflict for what is done already."""
    item = session.get(ChecklistItem, item_id)
    if item is None:
        raise NotFound(_("There is no such item."))
    if item.state != "open":
        raise Conflict(_("This is done already."))
    return done(session, item, "person", skip=skip)


def done(
    session: CrmSession, item: ChecklistItem, by: str, *, evidence: dict[str, Any] | None = None, skip: bool = False
) -> Checklist:
    """Note that an item is done, by what; with the last required one the list is."""
    now = session.gate.clock.business_now()
    item.state, item.done_at, item.done_by = ("skipped" if skip else "done"), now, by
    item.evidence = evidence or {}
    checklist = session.get_one(Checklist, item.checklist_id)
    session.emit(ItemDone(customer_id=item.customer_id, checklist_id=checklist.id, item_id=item.id, done_by=by))
    session.flush()
    left = select(ChecklistItem.id).where(
        ChecklistItem.checklist_id == checklist.id, ChecklistItem.state == "open", ChecklistItem.required
    )
    if checklist.state == "open" and session.scalar(left.limit(1)) is None:
        checklist.state, checklist.ended_at = "done", now
        template = session.get_one(ListTemplate, checklist.template_id)
        session.emit(
            ChecklistDone(
                customer_id=checklist.customer_id,
                checklist_id=checklist.id,
                template=template.name,
                days=(now - checklist.began_at).days,
            )
        )
    return checklist


@operation("lifecycle.checklist.look", title=_("Look at lists"), permission="lifecycle.checklist.update", hidden=True)
def look(
    session: CrmSession,
    *,
    customers: Annotated[
        tuple[UUID, ...] | None, Input(title=_("Customers"), max_length=5000, classified="internal")
    ] = None,
) -> int:
    """Tick what counts as done by what customers did, and return how much. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    query = select(ChecklistItem).where(ChecklistItem.state == "open", ChecklistItem.done_when != "")
    if customers is not None:
        query = query.where(ChecklistItem.customer_id.in_(sorted(customers)))
    items = session.scalars(query.order_by(ChecklistItem.id)).all()
    moment = moment_of(session)
    at = moment.surroundings(session.get_bind().dialect.name)
    ticked = 0
    for text in dict.fromkeys(each.done_when for each in items):
        mine = [each for each in items if each.done_when == text]
        try:
            expression = catalogue_of(session).checked(text)
        except CrmkitError:
            continue
        refs = sorted(expression.facts, key=str)
        values = values_of(session, refs, list(dict.fromkeys(e.customer_id for e in mine)), moment, check=False)
        for each in mine:
            own = values.get(each.customer_id)
            if own is not None and expression.evaluate(own, at):
                done(session, each, "facts", evidence={"condition": text})
                ticked += 1
    return ticked


@operation("lifecycle.checklist.by_task", title=_("Note a task"), permission="lifecycle.checklist.update", hidden=True)
def by_task(session: CrmSession, *, task_id: Annotated[UUID, Input(title=_("Task"), classified="internal")]) -> None:
    """Tick the item whose task is done. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    for each in session.scalars(
        select(ChecklistItem).where(ChecklistItem.task_id == task_id, ChecklistItem.state == "open")
    ).all():
        done(session, each, "task")


@operation(
    "lifecycle.checklist.by_stage", title=_("Begin by a stage"), permission="lifecycle.checklist.create", hidden=True
)
def by_stage(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), classified="internal")],
    model: Annotated[str, Input(title=_("Model"), classified="internal")],
    stage: Annotated[str, Input(title=_("Stage"), classified="internal")],
) -> None:
    """Begin the lists of a stage for who has come to it. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    for name in session.scalars(_templates(model, stage)).all():
        try:
            session.run("lifecycle.checklist.start", {"customer_id": customer_id, "template": name})
        except (Conflict, NotFound):
            continue


def _templates(model: str, stage: str) -> Any:
    return select(ListTemplate.name).where(
        ListTemplate.active, ListTemplate.model == model, ListTemplate.stage == stage
    )


def stage_entered(session: CrmSession, event: Any) -> None:
    """Begin the lists of a stage."""
    values = {"customer_id": event.customer_id, "model": event.model, "stage": event.stage}
    session.run("lifecycle.checklist.by_stage", values)


def has_template(session: CrmSession, event: Any) -> bool:
    """Say whether a stage has a list."""
    return session.scalar(_templates(event.model, event.stage).limit(1)) is not None


def task_finished(session: CrmSession, event: Any) -> None:
    """Tick the item of a task."""
    session.run("lifecycle.checklist.by_task", {"task_id": event.task_id})


def is_item(session: CrmSession, event: Any) -> bool:
    """Say whether a task is that of an item."""
    return session.scalar(select(ChecklistItem.id).where(ChecklistItem.task_id == event.task_id)) is not None


def happened(session: CrmSession, event: Any) -> None:
    """Look at the lists of those to whom something has happened."""
    ids = [each for each in getattr(event, "customer_ids", ()) or [getattr(event, "customer_id", None)] if each]
    if ids:
        session.run("lifecycle.checklist.look", {"customers": ids})


def is_watched(session: CrmSession, event: Any) -> bool:
    """Say whether anybody waits for what customers do."""
    query = select(ChecklistItem.id).where(ChecklistItem.state == "open", ChecklistItem.done_when != "")
    return session.scalar(query.limit(1)) is not None


def look_all(session: CrmSession, tick: datetime) -> None:
    """Look at all lists: time alone makes some conditions true."""
    session.run("lifecycle.checklist.look")


OPERATIONS = [create_template, retire_template, start_list, tick_item, look, by_task, by_stage]
SUBSCRIPTIONS = [
    Subscription(
        name="lifecycle.list_by_stage", event="lifecycle.stage.entered", handler=stage_entered, wanted=has_template
    ),
    Subscription(name="lifecycle.item_by_task", event="work.task.finished", handler=task_finished, wanted=is_item),
    Subscription(name="lifecycle.item_by_facts", event="interaction.recorded", handler=happened, wanted=is_watched),
]
JOBS = [
    Job(
        name="lifecycle.look_at_lists",
        title=_("Look what customers have done of their onboarding"),
        handler=look_all,
        cron="10 6 * * *",
        catch_up="latest",
        acts_as="system",
    )
]
