"""``crmkit work tasks list``, ``show`` and ``calendar``: reading tasks on the command line."""

from __future__ import annotations

from pathlib import Path

import click

from crmkit import texts
from crmkit.cli.api import Invocation, command, customer_id, option
from crmkit_work.tasks.command_parts import COLUMNS, PRIORITIES, WHOSE, document_of, row_of, task_of

_ = texts("crmkit_work")


def add_reading(tasks: click.Group) -> None:
    """Add the commands that read to the group of tasks."""

    @command(tasks, "list", _("List what is to be done, by urgency."))
    @option("--whose", type=click.Choice(WHOSE), default="mine", show_default=True, help=_("Whose tasks."))
    @option("--user", metavar="LOGIN", help=_("Those of a user."))
    @option("--queue", metavar="NAME", help=_("Those of a queue."))
    @option("--customer", metavar="CUSTOMER", help=_("Those about a customer."))
    @option("--priority", type=click.Choice(PRIORITIES), help=_("Those of a priority."))
    @option("--text", metavar="WORDS", default="", help=_("Those with these words in the title."))
    @option("--snoozed", is_flag=True, help=_("Also what is put aside."))
    @option("--limit", type=click.IntRange(1, 1000), default=25, show_default=True, help=_("Tasks of each part."))
    def list_(
        cli: Invocation,
        whose: str,
        user: str | None,
        queue: str | None,
        customer: str | None,
        priority: str | None,
        text: str,
        snoozed: bool,
        limit: int,
    ) -> None:
        """Print a work list."""
        from crmkit_work.tasks.listing import ListFilter, work_list
        from crmkit_work.tasks.people import queue_named, user_named

        about = customer_id(cli, customer) if customer else None
        with cli.session() as session:
            wanted = ListFilter(
                whose="all" if whose == "mine" and session.guarding.rights.user_id is None else whose,
                user_id=user_named(session, user).id if user else None,
                queue_id=queue_named(session, queue).id if queue else None,
                customer_id=about,
                priority=priority or "",
                text=text,
                snoozed=snoozed,
            )
            found = work_list(session, wanted, shown=limit)
            parts = [
                (part, [row_of(each, part.name, found.customers, found.users) for each in part.tasks])
                for part in found.parts
                if part.count
            ]
        if cli.json:
            cli.output.document(
                {
                    "tasks": [row for _part, rows in parts for row in rows],
                    "counts": {part.name: part.count for part in found.parts},
                    "snoozed": found.snoozed,
                }
            )
            return
        for part, rows in parts:
            cli.output.heading(f"{cli.text(part.title)} ({part.count})")
            cli.output.table(COLUMNS, rows)
        if not parts:
            cli.output.say(_("Nothing is to be done here."))
        if found.snoozed and not snoozed:
            cli.output.say(_("{count} more are put aside: --snoozed lists them, too."), count=found.snoozed)

    @command(tasks, "show", _("Show a task with everything about it. TASK is its number or id."))
    @click.argument("task")
    def show(cli: Invocation, task: str) -> None:
        """Print a task."""
        from sqlalchemy import select

        from crmkit_work.assignment.reading import decisions_of
        from crmkit_work.tasks.alarm_models import Escalation, Reminder
        from crmkit_work.tasks.models import TaskNote
        from crmkit_work.tasks.people import ref_of

        with cli.session() as session:
            found = task_of(session, task)
            document = document_of(session, found)
            document["notes"] = [
                {"at": each.created_at, "user_id": each.user_id, "text": str(each.text)}
                for each in session.scalars(
                    select(TaskNote).where(TaskNote.task_id == found.id).order_by(TaskNote.created_at)
                )
            ]
            document["reminders"] = [
                {"id": each.id, "kind": each.kind, "next_at": each.next_at, "state": each.state, "fired": each.count}
                for each in session.scalars(
                    select(Reminder).where(Reminder.task_id == found.id).order_by(Reminder.created_at)
                )
            ]
            document["escalations"] = [
                {
                    "ladder": each.ladder,
                    "step": each.step,
                    "planned_at": each.planned_at,
                    "fired_at": each.fired_at,
                    "late": each.late,
                    "told": each.told,
                    "acknowledged_at": each.acknowledged_at,
                }
                for each in session.scalars(
                    select(Escalation)
                    .where(Escalation.task_id == found.id)
                    .order_by(Escalation.planned_at, Escalation.id)
                )
            ]
            document["assigned"] = [
                {
                    "at": each.entry.decided_at,
                    "user": each.name(each.entry.user_id),
                    "why": each.why.render(cli.language),
                }
                for each in decisions_of(session, ref_of(found))
            ]
        if cli.json:
            cli.output.document(document)
            return
        cli.output.record(
            [
                (_("Number"), document["number"]),
                (_("Title"), document["title"]),
                (_("State"), document["state"]),
                (_("Priority"), document["priority"]),
                (_("Due"), document["due_at"]),
                (_("Owner"), document["owner"]),
                (_("Customer"), document["customer"]),
                (_("Description"), document["description"]),
                (_("Repeats"), document["repeat_rule"]),
                (_("Outcome"), document["outcome"]),
            ]
        )
        for each in document["notes"]:
            cli.output.say(_("{at}  Note: {said}"), at=each["at"], said=each["text"])
        for each in document["reminders"]:
            cli.output.say(_("{at}  Reminder: {state}"), at=each["next_at"] or "–", state=each["state"])
        for each in document["escalations"]:
            cli.output.say(
                _("{at}  Escalation, step {step}{late}"),
                at=each["fired_at"],
                step=each["step"],
                late=f" ({cli.text(_('late'))})" if each["late"] else "",
            )
        for each in document["assigned"]:
            cli.output.say(_("{at}  {user}: {why}"), **each)

    @command(tasks, "calendar", _("Write the own open tasks as an iCalendar file of to-dos (RFC 5545)."))
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @option("--whose", type=click.Choice(WHOSE), default="own", show_default=True, help=_("Whose tasks."))
    def calendar(cli: Invocation, file: Path, whose: str) -> None:
        """Write an iCalendar file."""
        from crmkit_work.tasks.todos import write_todos

        with cli.session() as session:
            content, count = write_todos(session, whose)
        file.write_bytes(content)
        if cli.json:
            cli.output.document({"file": str(file), "tasks": count})
        cli.output.say(_("{count} tasks were written to {file}."), count=count, file=str(file))
