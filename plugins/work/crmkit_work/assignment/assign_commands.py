"""``crmkit work assign``: why work went to whom, and to whom it would go."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option

_ = texts("crmkit_work")


def add_assignments(assign: click.Group) -> None:
    """Add the commands of assignment to their group."""

    @command(assign, "explain", _("Say why a piece of work went to whom, and why to nobody else."))
    @click.argument("ref")
    @option("--person", metavar="LOGIN", help=_("Say of this person alone why not."))
    @option("--all", "all_", is_flag=True, help=_("Each decision about it, not the last one alone."))
    def explain(cli: Invocation, ref: str, person: str | None, all_: bool) -> None:
        """Print what was decided about REF: the number of a task, or <resource>:<id>."""
        from crmkit import NotFound
        from crmkit_work.assignment.reading import decisions_of, plain, user_named

        with cli.session() as session:
            zone = session.crm.config.get(session).zone
            found = decisions_of(session, _ref(session, ref))
            if not found:
                raise NotFound(_('Nothing was assigned for "{ref}".'), ref=ref)
            if person is not None:
                user_id = user_named(session, person).id
                why = found[0].why
                if found[0].entry.user_id != user_id:
                    reason = found[0].why_not_of(user_id)
                    text, code = reason.render(cli.language, zone), reason.reason
                else:
                    text, code = why.render(cli.language, zone), why.code
                cli.output.record([(_("Person"), person), (_("Why"), text)], json={"code": code, "text": text})
                return
            shown = [plain(each, cli.language, zone) for each in (found if all_ else found[:1])]
        if cli.json:
            cli.output.document(shown if all_ else shown[0])
            return
        for each in shown:
            _print_decision(cli, each)

    @command(assign, "try", _("Say to whom a piece of work would go now, without giving it to anybody."))
    @option("--queue", metavar="QUEUE", default="", help=_("Queue in which it would come in."))
    @option("--customer", metavar="CUSTOMER", help=_("Customer whose work it is."))
    @option("--skill", "skills", multiple=True, metavar="SKILL[:LEVEL]", help=_("What it needs."))
    @option("--language", "languages", multiple=True, metavar="LANG", help=_("Language that it needs."))
    def try_(
        cli: Invocation, queue: str, customer: str | None, skills: tuple[str, ...], languages: tuple[str, ...]
    ) -> None:
        """Print who would get it."""
        from crmkit_work.assignment.assigning import preview
        from crmkit_work.assignment.reading import plain_answer
        from crmkit_work.assignment.values import Wish

        about = customer_id(cli, customer) if customer else None
        wish = Wish(ref="", queue=queue, customer_id=about, skills=skills, languages=languages)
        with cli.session() as session:
            zone = session.crm.config.get(session).zone
            shown = plain_answer(session, preview(session, wish), cli.language, zone)
        if cli.json:
            cli.output.document(shown)
            return
        _print_decision(cli, shown)


def _print_decision(cli: Invocation, shown: Any) -> None:
    from crmkit_work.assignment.values import HOW

    pairs = [
        (_("When"), shown.get("decided_at")),
        (_("Queue"), shown["queue"]),
        (_("Person"), shown["person"]),
        (_("Team"), shown["team"]),
        (_("How"), cli.text(HOW[shown["strategy"]])),
        (_("Why"), shown["why"]["text"]),
    ]
    cli.output.record([pair for pair in pairs if pair[1] is not None])
    columns = (Column("person", _("Person")), Column("text", _("Why not")))
    cli.output.table(columns, shown["why_not"], empty=_("Nobody else was looked at."))


def _ref(session: Any, text: str) -> str:
    """Return the reference that a text means: as it is, or of the task with this number."""
    number = text.strip().lstrip("#")
    if not number.isdecimal():
        return text.strip()
    from sqlalchemy import select

    from crmkit_work.tasks.models import Task

    found = session.scalar(select(Task.id).where(Task.number == int(number)))
    return f"work.task:{found}" if found is not None else text
