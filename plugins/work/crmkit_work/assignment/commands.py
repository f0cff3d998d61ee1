"""``crmkit work queue``, ``crmkit work territory`` and ``crmkit work assign``: who gets which work, and why."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, group, option
from crmkit_work.assignment.assign_commands import add_assignments

_ = texts("crmkit_work")


def add_to(work: click.Group) -> None:
    """Add the groups of queues, territories and assignment to a group."""
    from crmkit_work.assignment.people_commands import add_to as add_people

    queue = group(help=_("Queues: where work comes in, and who gets it."), name="queue")
    work.add_command(queue)
    _reading(queue)
    _changing(queue)
    _members(queue)
    territory = group(help=_("Territories: whose customers are whose."), name="territory")
    work.add_command(territory)
    _territories(territory)
    assign = group(help=_("Why work went to whom, and to whom it would go."), name="assign")
    work.add_command(assign)
    add_assignments(assign)
    add_people(work)


def _reading(queue: click.Group) -> None:
    @command(queue, "list", _("List the queues."))
    def list_(cli: Invocation) -> None:
        """Print the queues by name."""
        from sqlalchemy import select

        from crmkit_work.assignment.models import Queue
        from crmkit_work.assignment.reading import members_of
        from crmkit_work.assignment.values import STRATEGIES

        with cli.session() as session:
            now = session.gate.clock.business_now()
            rows: list[dict[str, Any]] = []
            for each in session.scalars(select(Queue).order_by(Queue.name)):
                members = members_of(session, each, now)
                rows.append(
                    {
                        "id": each.id,
                        "name": each.name,
                        "title": each.title,
                        "strategy": each.strategy,
                        "how": STRATEGIES[each.strategy],
                        "members": len(members),
                        "present": sum(one.availability.present for one in members),
                        "load": sum(one.standing.load for one in members),
                        "active": each.active,
                    }
                )
        columns = (
            Column("name", _("Name")),
            Column("title", _("Title")),
            Column("how", _("Strategy")),
            Column("members", _("Members"), "right"),
            Column("present", _("Present"), "right"),
            Column("active", _("Active")),
        )
        cli.output.table(columns, rows, empty=_("There is no queue yet: crmkit work queue new makes one."))

    @command(queue, "show", _("Show a queue: its members, what they have, and whether they are there."))
    @click.argument("queue")
    def show(cli: Invocation, queue: str) -> None:
        """Print the members of a queue."""
        from crmkit_work.assignment.people_commands import presence_words
        from crmkit_work.assignment.reading import members_of, queue_named

        with cli.session() as session:
            found = queue_named(session, queue)
            zone = session.crm.config.get(session).zone
            rows = [
                {
                    "person": each.standing.name,
                    "user_id": each.standing.user_id,
                    "weight": each.place.weight,
                    "load": each.standing.load,
                    "capacity": each.capacity,
                    "today": each.taken,
                    "turns": each.turns,
                    "present": each.availability.present,
                    "presence": presence_words(each.availability, cli.language, zone),
                }
                for each in members_of(session, found, session.gate.clock.business_now())
            ]
            about = {"name": found.name, "title": found.title, "strategy": found.strategy, "skills": found.skills}
        columns = (
            Column("person", _("Person")),
            Column("weight", _("Weight"), "right"),
            Column("load", _("Open"), "right"),
            Column("capacity", _("At most"), "right"),
            Column("today", _("Today"), "right"),
            Column("presence", _("Presence")),
        )
        cli.output.table(columns, rows, more={"queue": about}, empty=_("The queue has no members."))


def _changing(queue: click.Group) -> None:
    @command(queue, "new", _("Make a queue."))
    @click.argument("name")
    @option("--title", metavar="TEXT", default="", help=_("What people read; by default the name."))
    @option(
        "--strategy",
        type=click.Choice(["round_robin", "least_loaded", "weighted"]),
        default="round_robin",
        help=_("How somebody is chosen among those who can take it (round_robin)."),
    )
    @option("--skill", "skills", multiple=True, metavar="SKILL[:LEVEL]", help=_("What everybody has to be able to do."))
    @option("--language", "languages", multiple=True, metavar="LANG", help=_("What everybody has to speak."))
    @option("--calendar", metavar="CALENDAR", help=_("Working calendar of the queue."))
    @option("--any-time", is_flag=True, help=_("Give out work off hours, too."))
    @option("--not-sticky", is_flag=True, help=_("Do not ask first who looks after the customer."))
    @option("--max-per-day", type=click.IntRange(1), metavar="N", help=_("Most in a day for each."))
    @option("--fallback", metavar="QUEUE", help=_("Queue to which goes what nobody can take."))
    @option("--fallback-team", metavar="TEAM", help=_("Team to which goes what nobody can take."))
    def new(
        cli: Invocation,
        name: str,
        title: str,
        strategy: str,
        skills: tuple[str, ...],
        languages: tuple[str, ...],
        calendar: str | None,
        any_time: bool,
        not_sticky: bool,
        max_per_day: int | None,
        fallback: str | None,
        fallback_team: str | None,
    ) -> None:
        """Make a queue."""
        from crmkit_work.assignment.reading import queue_named
        from crmkit_work.calendars.reading import calendar_named

        with cli.session() as session:
            values = {
                "name": name,
                "title": title,
                "strategy": strategy,
                "skills": list(skills),
                "languages": list(languages),
                "calendar_id": calendar_named(session, calendar).id if calendar else None,
                "in_hours": not any_time,
                "sticky": not not_sticky,
                "max_per_day": max_per_day,
                "fallback_queue_id": queue_named(session, fallback).id if fallback else None,
                "fallback_team_id": _team(session, fallback_team) if fallback_team else None,
            }
        made = cli.run("work.queue.create", values)
        if cli.json:
            cli.output.document({"id": made.id, "name": made.name})
        cli.output.say(_("The queue {name} is there: crmkit work queue add {name} PERSON adds somebody."), name=name)

    @command(queue, "set", _("Change a queue; what is not given stays."))
    @click.argument("queue")
    @option("--title", metavar="TEXT", help=_("What people read."))
    @option(
        "--strategy",
        type=click.Choice(["round_robin", "least_loaded", "weighted"]),
        help=_("How somebody is chosen among those who can take it."),
    )
    @option("--active/--inactive", default=None, help=_("Whether its members get work."))
    @option("--max-per-day", type=click.IntRange(0), metavar="N", help=_("Most in a day for each; 0 for no limit."))
    @option("--fallback", metavar="QUEUE", help=_("Queue to which goes what nobody can take; - for none."))
    @option("--fallback-team", metavar="TEAM", help=_("Team to which goes what nobody can take; - for none."))
    def set_(
        cli: Invocation,
        queue: str,
        title: str | None,
        strategy: str | None,
        active: bool | None,
        max_per_day: int | None,
        fallback: str | None,
        fallback_team: str | None,
    ) -> None:
        """Change a queue."""
        from crmkit_work.assignment.reading import queue_named

        given = {"title": title, "strategy": strategy, "active": active}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        with cli.session() as session:
            identity = queue_named(session, queue).id
            if max_per_day is not None:
                values["max_per_day"] = max_per_day or None
            if fallback is not None:
                values["fallback_queue_id"] = None if fallback == "-" else queue_named(session, fallback).id
            if fallback_team is not None:
                values["fallback_team_id"] = None if fallback_team == "-" else _team(session, fallback_team)
        cli.run("work.queue.update", values, target=identity)
        _done(cli, queue)


def _members(queue: click.Group) -> None:
    @command(queue, "add", _("Let a person, or with --team everybody of a team, get work of a queue."))
    @click.argument("queue")
    @click.argument("who")
    @option("--team", is_flag=True, help=_("WHO is the name of a team."))
    @option("--weight", type=click.IntRange(1, 1000), default=1, metavar="N", help=_("Share, beside the others' (1)."))
    @option("--capacity", type=click.IntRange(0), metavar="N", help=_("Most open work at a time."))
    @option("--max-per-day", type=click.IntRange(1), metavar="N", help=_("Most in a day."))
    def add(
        cli: Invocation, queue: str, who: str, team: bool, weight: int, capacity: int | None, max_per_day: int | None
    ) -> None:
        """Add a member."""
        identity, values = _whose(cli, queue, who, team)
        values |= {"weight": weight, "capacity": capacity, "max_per_day": max_per_day}
        cli.run("work.queue.add_member", values, target=identity)
        _done(cli, queue)

    @command(queue, "remove", _("Let a person, or with --team a team, get no more work of a queue."))
    @click.argument("queue")
    @click.argument("who")
    @option("--team", is_flag=True, help=_("WHO is the name of a team."))
    def remove(cli: Invocation, queue: str, who: str, team: bool) -> None:
        """Remove a member."""
        identity, values = _whose(cli, queue, who, team)
        cli.run("work.queue.remove_member", values, target=identity)
        _done(cli, queue)

    @command(queue, "rebalance", _("Give the open tasks of people who are absent or have left to others."))
    @click.argument("people", nargs=-1, metavar="[PERSON]...")
    @option("--queue", metavar="QUEUE", help=_("For tasks that came out of no queue, without a deputy."))
    @option(
        "--days",
        type=click.IntRange(0, 3660),
        default=0,
        metavar="N",
        help=_("Of those who are absent only who is for so many more days."),
    )
    def rebalance(cli: Invocation, people: tuple[str, ...], queue: str | None, days: int) -> None:
        """Move open work."""
        from crmkit_work.assignment.reading import queue_named, user_named

        with cli.session() as session:
            values = {
                "user_ids": [user_named(session, each).id for each in people],
                "queue_id": queue_named(session, queue).id if queue else None,
                "days": days,
            }
        found = cli.run("work.queue.rebalance", values)
        pairs = [
            (_("With somebody else now"), found.moved),
            (_("Waiting"), found.waiting),
            (_("Not moved"), len(found.left)),
        ]
        cli.output.record(pairs, json={"moved": found.moved, "waiting": found.waiting, "left": list(found.left)})


def _territories(territory: click.Group) -> None:
    @command(territory, "list", _("List the territories in the order in which they are asked."))
    def list_(cli: Invocation) -> None:
        """Print the territories."""
        from sqlalchemy import select

        from crmkit_work.assignment.models import Territory
        from crmkit_work.assignment.reading import names_of

        with cli.session() as session:
            found = session.scalars(select(Territory).order_by(Territory.position, Territory.name)).all()
            ids = {one for each in found for one in (each.queue_id, each.owner_id) if one is not None}
            names = names_of(session, ids)
            known = {each.id: each.name for each in found}
            rows = [
                {
                    "id": each.id,
                    "name": each.name,
                    "part_of": known.get(each.parent_id) if each.parent_id else None,
                    "position": each.position,
                    "condition": each.condition,
                    "queue": names.get(each.queue_id) if each.queue_id else None,
                    "person": names.get(each.owner_id) if each.owner_id else None,
                    "active": each.active,
                }
                for each in found
            ]
        columns = (
            Column("name", _("Name")),
            Column("part_of", _("Part of")),
            Column("position", _("Order"), "right"),
            Column("condition", _("Condition")),
            Column("queue", _("Queue")),
            Column("person", _("Person")),
        )
        cli.output.table(columns, rows, empty=_("There is no territory."))

    @command(territory, "new", _("Make a territory: customers for whom CONDITION holds."))
    @click.argument("name")
    @click.argument("condition")
    @option("--title", metavar="TEXT", default="", help=_("What people read; by default the name."))
    @option("--queue", metavar="QUEUE", help=_("Queue that gets their work."))
    @option("--person", metavar="LOGIN", help=_("Person who gets their work, before the queue."))
    @option("--part-of", metavar="NAME", help=_("Territory that it is a part of."))
    @option("--order", "position", type=click.IntRange(0), default=100, metavar="N", help=_("Smaller first (100)."))
    def new(
        cli: Invocation,
        name: str,
        condition: str,
        title: str,
        queue: str | None,
        person: str | None,
        part_of: str | None,
        position: int,
    ) -> None:
        """Make a territory."""
        from crmkit_work.assignment.reading import queue_named, user_named
        from crmkit_work.assignment.territories import territory_named

        with cli.session() as session:
            values = {
                "name": name,
                "condition": condition,
                "title": title,
                "queue_id": queue_named(session, queue).id if queue else None,
                "owner_id": user_named(session, person).id if person else None,
                "parent_id": territory_named(session, part_of).id if part_of else None,
                "position": position,
            }
        made = cli.run("work.territory.create", values)
        cli.output.record([(_("Name"), made.name)], json={"id": made.id, "name": made.name})

    @command(territory, "of", _("Print the territory to which a customer belongs."))
    @click.argument("customer")
    def of(cli: Invocation, customer: str) -> None:
        """Print a territory."""
        from crmkit import NotFound
        from crmkit_work.assignment.territories import territory_of

        identity = customer_id(cli, customer)
        with cli.session() as session:
            found = territory_of(session, identity)
            if found is None:
                raise NotFound(_("The customer belongs to no territory."))
            cli.output.record([(_("Territory"), found.title)], json={"id": found.id, "name": found.name})


def _team(session: Any, name: str) -> Any:
    from sqlalchemy import select

    from crmkit import NotFound, Team

    found = session.scalar(select(Team.id).where(Team.name == name))
    if found is None:
        raise NotFound(_('There is no team "{name}".'), name=name)
    return found


def _whose(cli: Invocation, queue: str, who: str, team: bool) -> tuple[Any, dict[str, Any]]:
    from crmkit_work.assignment.reading import queue_named, user_named

    with cli.session() as session:
        identity = queue_named(session, queue).id
        values = {"team_id": _team(session, who)} if team else {"user_id": user_named(session, who).id}
    return identity, values


def _done(cli: Invocation, name: str) -> None:
    if cli.json:
        cli.output.document({"name": name})
    cli.output.say(_("Done: crmkit work queue show {name} shows the members."), name=name)
