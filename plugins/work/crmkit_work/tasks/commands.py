"""``crmkit work tasks``: adding tasks and working on them on the command line, for people and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmkit import texts
from crmkit.cli.api import Invocation, command, customer_id, group, option
from crmkit_work.tasks.command_ladders import add_ladders
from crmkit_work.tasks.command_parts import (
    OUTCOMES,
    PRIORITIES,
    SNOOZES,
    document_of,
    find,
    instant_of,
    people_of,
    target_of,
)
from crmkit_work.tasks.command_reading import add_reading

if TYPE_CHECKING:
    from crmkit_work.tasks.models import Task

_ = texts("crmkit_work")


def add_to(work: click.Group) -> None:
    """Add the commands of this room to a group."""
    tasks = group(help=_("List, add and work on tasks."), name="tasks")
    work.add_command(tasks)
    add_reading(tasks)
    _add_adding(tasks)
    _add_moving(tasks)
    _add_giving(tasks)
    add_ladders(work)


def _add_adding(tasks: click.Group) -> None:
    @command(tasks, "new", _("Add a task. DUE in words or as an instant: tomorrow 10:00, fri, +2h, +3wd."))
    @click.argument("title")
    @option("--due", metavar="WHEN", default="", help=_("Until when."))
    @option("--customer", metavar="CUSTOMER", help=_("About whom."))
    @option("--owner", metavar="LOGIN", help=_("Whose it is; by default one's own."))
    @option("--team", metavar="NAME", help=_("Which team's it is."))
    @option("--queue", metavar="NAME", help=_("Out of which queue it is assigned."))
    @option("--skill", "skills", metavar="SKILL", multiple=True, help=_("A skill that it needs, such as billing:3."))
    @option("--priority", type=click.Choice(PRIORITIES), default="normal", show_default=True, help=_("Priority."))
    @option("--description", metavar="TEXT", default="", help=_("What else there is to say."))
    @option("--remind", type=int, metavar="MINUTES", help=_("Remind so many minutes before it is due."))
    @option("--repeat", metavar="RULE", help=_("Rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=MO."))
    @option(
        "--repeat-when",
        type=click.Choice(("finished", "due")),
        default="finished",
        show_default=True,
        help=_("When the next one is made."),
    )
    @option("--about", metavar="REF", default="", help=_("The record that it is about, as resource:id."))
    def new(
        cli: Invocation,
        title: str,
        due: str,
        customer: str | None,
        owner: str | None,
        team: str | None,
        queue: str | None,
        skills: tuple[str, ...],
        priority: str,
        description: str,
        remind: int | None,
        repeat: str | None,
        repeat_when: str,
        about: str,
    ) -> None:
        """Add a task and print its number and owner."""
        values: dict[str, Any] = {
            "title": title,
            "due": due,
            "priority": priority,
            "description": description or None,
            "remind_minutes": remind,
            "repeat_rule": repeat,
            "repeat_when": repeat_when,
            "queue": queue or "",
            "skills": list(skills),
            "ref": about,
        }
        if customer:
            values["customer_id"] = customer_id(cli, customer)
        values |= people_of(cli, owner, team)
        _shown(cli, cli.run("work.task.create", values))

    @command(tasks, "note", _("Note something about a task."))
    @click.argument("task")
    @click.argument("text")
    def note(cli: Invocation, task: str, text: str) -> None:
        """Note something."""
        _act(cli, "note", task, {"note": text})

    @command(tasks, "remind", _("Remind oneself of a task."))
    @click.argument("task")
    @option("--at", "when", metavar="WHEN", default="", help=_("When: tomorrow 09:00, +2h, 2026-11-23T09:00."))
    @option("--minutes", type=int, metavar="N", help=_("So many minutes before it is due."))
    @option("--working-days", type=int, metavar="N", help=_("So many working days before it is due."))
    @option("--rule", metavar="RULE", default="", help=_("Again and again from then on, by a rule of RFC 5545."))
    @option("--user", metavar="LOGIN", help=_("Remind somebody else."))
    def remind(
        cli: Invocation,
        task: str,
        when: str,
        minutes: int | None,
        working_days: int | None,
        rule: str,
        user: str | None,
    ) -> None:
        """Lay down a reminder."""
        values: dict[str, Any] = {"when": when, "minutes": minutes, "working_days": working_days, "rule": rule}
        if user:
            values["user_id"] = people_of(cli, user, None)["owner_id"]
        made = cli.run("work.task.remind", values, target=target_of(cli, task))
        cli.output.record([(_("Fires at"), made.next_at)], json={"id": made.id, "next_at": made.next_at})


def _add_moving(tasks: click.Group) -> None:
    for name, help_ in (
        ("start", _("Say that one is at it.")),
        ("resume", _("Have a task on the list again that waits or is put aside.")),
        ("take", _("Take a task that nobody has.")),
        ("acknowledge", _("Say that one sees to a task that is late: its ladder stops.")),
    ):
        _plain(tasks, name, help_)

    @command(tasks, "finish", _("Say that a task is done."))
    @click.argument("task")
    @option("--outcome", type=click.Choice(OUTCOMES), help=_("What came of it."))
    @option("--note", metavar="TEXT", default="", help=_("What there is to say."))
    @option("--next", "follow_up", metavar="TITLE", default="", help=_("A task that follows from it."))
    @option("--next-due", "follow_up_due", metavar="WHEN", default="", help=_("Until when that is to be done."))
    def finish(cli: Invocation, task: str, outcome: str | None, note: str, follow_up: str, follow_up_due: str) -> None:
        """Finish a task."""
        values = {"outcome": outcome, "note": note, "follow_up": follow_up, "follow_up_due": follow_up_due}
        _act(cli, "finish", task, values)

    @command(tasks, "drop", _("Say that a task will not be done."))
    @click.argument("task")
    @option("--note", metavar="TEXT", default="", help=_("Why."))
    @option("--series", is_flag=True, help=_("End the series that it is of."))
    def drop(cli: Invocation, task: str, note: str, series: bool) -> None:
        """Drop a task."""
        _act(cli, "drop", task, {"note": note, "series": series})

    @command(tasks, "reopen", _("Open a task again."))
    @click.argument("task")
    @option("--note", metavar="TEXT", default="", help=_("Why."))
    def reopen(cli: Invocation, task: str, note: str) -> None:
        """Open a task again."""
        _act(cli, "reopen", task, {"note": note})

    @command(tasks, "wait", _("Say that a task waits for somebody."))
    @click.argument("task")
    @option("--until", metavar="WHEN", help=_("From when on it is open again."))
    @option("--note", metavar="TEXT", default="", help=_("For whom or what."))
    def wait(cli: Invocation, task: str, until: str | None, note: str) -> None:
        """Have a task wait."""
        _act(cli, "wait", task, {"note": note, "until": instant_of(cli, until)})

    @command(tasks, "snooze", _("Put a task aside."))
    @click.argument("task")
    @option("--for", "choice", type=click.Choice(SNOOZES), help=_("For how long."))
    @option("--until", metavar="WHEN", help=_("Until when: tomorrow 09:00, mon, +2h."))
    def snooze(cli: Invocation, task: str, choice: str | None, until: str | None) -> None:
        """Put a task aside."""
        _act(cli, "snooze", task, {"choice": choice or "", "until": instant_of(cli, until)})


def _add_giving(tasks: click.Group) -> None:
    @command(tasks, "assign", _("Give a task to somebody, a team, or somebody of a queue."))
    @click.argument("task")
    @option("--owner", metavar="LOGIN", help=_("To whom."))
    @option("--team", metavar="NAME", help=_("To which team."))
    @option("--queue", metavar="NAME", default="", help=_("Out of which queue it is assigned."))
    @option("--note", metavar="TEXT", default="", help=_("What there is to say."))
    @option("--anyway", is_flag=True, help=_("Even to somebody who is absent."))
    def assign(
        cli: Invocation, task: str, owner: str | None, team: str | None, queue: str, note: str, anyway: bool
    ) -> None:
        """Assign a task."""
        _act(cli, "assign", task, {**people_of(cli, owner, team), "queue": queue, "note": note, "anyway": anyway})

    @command(tasks, "delegate", _("Give a task to a colleague and keep an eye on it."))
    @click.argument("task")
    @click.argument("login")
    @option("--note", metavar="TEXT", default="", help=_("What there is to say."))
    @option("--anyway", is_flag=True, help=_("Even to somebody who is absent."))
    def delegate(cli: Invocation, task: str, login: str, note: str, anyway: bool) -> None:
        """Delegate a task."""
        _act(cli, "delegate", task, {**people_of(cli, login, None), "note": note, "anyway": anyway})


def _plain(tasks: click.Group, name: str, help_: str) -> None:
    @command(tasks, name, help_)
    @click.argument("task")
    def act(cli: Invocation, task: str) -> None:
        """Do it."""
        _act(cli, name, task, {})


def _act(cli: Invocation, verb: str, task: str, values: dict[str, Any]) -> None:
    _shown(cli, cli.run(f"work.task.{verb}", values, target=target_of(cli, task)))


def _shown(cli: Invocation, task: Task) -> None:
    with cli.session() as session:
        found = find(session, str(task.id))
        document = document_of(session, found) if found is not None else {"id": task.id, "number": task.number}
    cli.output.record(
        [
            (_("Number"), document["number"]),
            (_("Title"), document.get("title")),
            (_("State"), document.get("state")),
            (_("Due"), document.get("due_at")),
            (_("Owner"), document.get("owner")),
        ],
        json=document,
    )
