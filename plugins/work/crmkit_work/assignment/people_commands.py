"""``crmkit work people``: who is there, who is absent and who stands in, what people can do and how much they take."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from crmkit import InvalidInput, Problem, texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_work")


def add_to(work: click.Group) -> None:
    """Add the group of people to a group."""
    people = group(help=_("Who is there, what people can do, and how much they take."), name="people")
    work.add_command(people)
    _reading(people)
    _saying(people)
    _absences(people)


def presence_words(found: Any, language: str, zone: str) -> str:
    """Return whether somebody is there in words."""
    from crmkit.i18n import translate
    from crmkit_work.assignment.values import Reason

    if found.present:
        return translate(_("Present"), language)
    until = found.until.isoformat() if found.until is not None else "–"
    return Reason(code=found.reason, values={"until": until}).render(language, zone)


def _reading(people: click.Group) -> None:
    @command(people, "list", _("List who is there, with their open work."))
    def list_(cli: Invocation) -> None:
        """Print everybody who is active."""
        from crmkit_work.assignment.reading import people as everybody

        with cli.session() as session:
            zone = session.crm.config.get(session).zone
            rows = [
                {
                    "user_id": each.user_id,
                    "person": each.name,
                    "present": found.present,
                    "reason": found.reason or None,
                    "until": found.until,
                    "presence": presence_words(found, cli.language, zone),
                    "load": each.load,
                    "capacity": each.capacity,
                    "skills": {**each.skills},
                    "abilities": ", ".join(f"{name}:{level}" for name, level in sorted(each.skills.items())) or None,
                    "languages": list(each.languages),
                }
                for each, found in everybody(session, session.gate.clock.business_now())
            ]
        columns = (
            Column("person", _("Person")),
            Column("presence", _("Presence")),
            Column("load", _("Open"), "right"),
            Column("capacity", _("At most"), "right"),
            Column("abilities", _("Skills")),
        )
        cli.output.table(columns, rows, empty=_("There is nobody."))


def _saying(people: click.Group) -> None:
    @command(people, "presence", _("Say whether one is there; with --person for somebody else."))
    @click.argument("presence", type=click.Choice(["available", "busy", "away", "offline"]))
    @option("--person", metavar="LOGIN", help=_("Somebody else."))
    @option("--until", metavar="INSTANT", help=_("From then on the person is available again."))
    @option("--note", metavar="TEXT", default="", help=_("What colleagues read."))
    def presence_(cli: Invocation, presence: str, person: str | None, until: str | None, note: str) -> None:
        """Say whether somebody is there."""
        with cli.session() as session:
            zone = session.crm.config.get(session).zone
            values: dict[str, Any] = {"presence": presence, "note": note, "user_id": _user(session, person)}
            values["until"] = _instant(until, zone, "--until") if until else None
        cli.run("work.person.set_presence", values)
        _done(cli)

    @command(people, "set", _("Say what somebody can do and how much they take; what is not given stays."))
    @click.argument("person")
    @option("--capacity", type=click.IntRange(-1), metavar="N", help=_("Most open work at a time; -1 for no limit."))
    @option("--language", "languages", multiple=True, metavar="LANG", help=_("A language they speak; replaces all."))
    @option("--calendar", metavar="CALENDAR", help=_("By which calendar they work; - for none of their own."))
    def set_(
        cli: Invocation, person: str, capacity: int | None, languages: tuple[str, ...], calendar: str | None
    ) -> None:
        """Change what is known of somebody."""
        from crmkit_work.calendars.reading import calendar_named

        with cli.session() as session:
            values: dict[str, Any] = {"user_id": _user(session, person)}
            if calendar is not None:
                values["calendar_id"] = None if calendar == "-" else calendar_named(session, calendar).id
        if capacity is not None:
            values["capacity"] = capacity if capacity >= 0 else None
        if languages:
            values["languages"] = list(languages)
        cli.run("work.person.set", values)
        _done(cli)

    @command(people, "skill", _("Say at which level, 1 to 10, somebody has a skill; 0 takes it away."))
    @click.argument("person")
    @click.argument("skill")
    @click.argument("level", type=click.IntRange(0, 10), default=1)
    def skill_(cli: Invocation, person: str, skill: str, level: int) -> None:
        """Change a skill."""
        with cli.session() as session:
            values = {"user_id": _user(session, person), "skill": skill, "level": level}
        cli.run("work.person.set_skill", values)
        _done(cli)


def _absences(people: click.Group) -> None:
    @command(people, "absent", _("Plan an absence: from a day to and with another one, or between two instants."))
    @click.argument("person")
    @click.argument("start", metavar="FROM")
    @click.argument("end", metavar="UNTIL")
    @option("--deputy", metavar="LOGIN", help=_("Who stands in."))
    @option(
        "--kind",
        type=click.Choice(["holiday", "illness", "training", "leave", "other"]),
        default="holiday",
        help=_("What for (holiday)."),
    )
    @option("--reason", metavar="TEXT", default="", help=_("More about it, for who manages absences."))
    def absent(cli: Invocation, person: str, start: str, end: str, deputy: str | None, kind: str, reason: str) -> None:
        """Plan an absence."""
        with cli.session() as session:
            zone = session.crm.config.get(session).zone
            values = {
                "user_id": _user(session, person),
                "starts_at": _instant(start, zone, "FROM"),
                "ends_at": _instant(end, zone, "UNTIL", ends=True),
                "deputy_id": _user(session, deputy),
                "kind": kind,
                "reason": reason,
            }
        made = cli.run("work.absence.create", values)
        if cli.json:
            cli.output.document({"id": made.id, "starts_at": made.starts_at, "ends_at": made.ends_at})
        cli.output.say(
            _("Planned. crmkit work queue rebalance {person} gives open tasks to others once it has begun."),
            person=person,
        )

    @command(people, "absences", _("List the absences of now and of the days to come."))
    @option("--days", type=click.IntRange(0, 3660), default=60, metavar="N", help=_("How many days ahead (60)."))
    def absences(cli: Invocation, days: int) -> None:
        """Print absences by their beginning."""
        from sqlalchemy import select

        from crmkit_work.assignment.models import Absence
        from crmkit_work.assignment.reading import names_of

        with cli.session() as session:
            now = session.gate.clock.business_now()
            query = select(Absence).where(Absence.ends_at > now, Absence.starts_at <= now + timedelta(days=days))
            found = session.scalars(query.order_by(Absence.starts_at, Absence.id)).all()
            names = names_of(session, {one for each in found for one in (each.user_id, each.deputy_id) if one})
            rows = [
                {
                    "id": each.id,
                    "person": names.get(each.user_id),
                    "starts_at": each.starts_at,
                    "ends_at": each.ends_at,
                    "deputy": names.get(each.deputy_id) if each.deputy_id else None,
                }
                for each in found
            ]
        columns = (
            Column("person", _("Person")),
            Column("starts_at", _("From")),
            Column("ends_at", _("Until")),
            Column("deputy", _("Deputy")),
            Column("id", _("Id")),
        )
        cli.output.table(columns, rows, empty=_("Nobody is absent."))

    @command(people, "back", _("End the present absence of somebody now, or call one off by its id."))
    @click.argument("person_or_id", metavar="PERSON|ID")
    def back(cli: Invocation, person_or_id: str) -> None:
        """End an absence."""
        from uuid import UUID

        from crmkit import NotFound
        from crmkit_work.assignment.models import Absence
        from crmkit_work.assignment.standing import absences_at

        with cli.session() as session:
            now = session.gate.clock.business_now()
            try:
                found = session.get(Absence, UUID(person_or_id))
            except ValueError:
                user_id = _user(session, person_or_id)
                found = absences_at(session, [user_id], now).get(user_id)
            if found is None:
                raise NotFound(_("{person} is not absent."), person=person_or_id)
            begun = found.starts_at < now
            identity = found.id
        if begun:
            cli.run("work.absence.update", {"ends_at": now}, target=identity)
        else:
            cli.run("work.absence.delete", target=identity)
        _done(cli)


def _user(session: Any, login: str | None) -> Any:
    from crmkit_work.assignment.reading import user_named

    return user_named(session, login).id if login else None


def _instant(text: str, zone: str, field: str, *, ends: bool = False) -> datetime:
    """Return the instant that a text says on the wall of a zone; of a day its beginning, or with ``ends`` its end."""
    try:
        if len(text.strip()) == 10:
            day = date.fromisoformat(text.strip()) + timedelta(days=1 if ends else 0)
            return datetime.combine(day, time(), ZoneInfo(zone))
        found = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError) as error:
        hint = _("Write it as 2026-11-21 or 2026-11-21T09:00.")
        problem = Problem(InvalidInput.code, _('"{text}" is no day and no instant.'), field=field, hint=hint, text=text)
        raise InvalidInput([problem]) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))


def _done(cli: Invocation) -> None:
    if cli.json:
        cli.output.document({"done": True})
    cli.output.say(_("Done: crmkit work people list shows who is there."))
