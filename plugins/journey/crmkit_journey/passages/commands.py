"""``crmkit journey flows`` and ``crmkit journey passages``: flows as files, publishing them, and who is where."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy import func, select

from crmkit import InvalidInput, Problem, texts
from crmkit.cli.api import Column, Invocation, command, customer_id, group, option

_ = texts("crmkit_journey")

FLOWS = (Column("name", _("Name")), Column("title", _("Title")), Column("state", _("State")))
FINDINGS = (Column("level", _("Level")), Column("place", _("Where")), Column("text", _("What")))


def add_to(above: click.Group) -> None:
    """Add the commands to those of journey."""
    _add_flows(above)
    _add_passages(above)


def _add_flows(above: click.Group) -> None:
    flows = group(help=_("Flows: what is to happen to customers, step by step."), name="flows")
    above.add_command(flows)

    @command(flows, "list", _("List the flows, with how many customers are on their way."))
    def list_(cli: Invocation) -> None:
        """Print the flows."""
        from crmkit_journey.flows.finding import flows as all_flows
        from crmkit_journey.passages.models import Passage

        columns = (
            *FLOWS,
            Column("version", _("Version"), align="right"),
            Column("under_way", _("On their way"), align="right"),
        )
        with cli.session() as session:
            counting = select(Passage.flow_id, func.count()).where(Passage.status != "ended").group_by(Passage.flow_id)
            counts = dict(session.execute(counting).all())
            rows = [
                {
                    "name": each.name,
                    "title": each.title,
                    "state": each.state,
                    "version": each.live_number,
                    "under_way": counts.get(each.id, 0),
                    "halted": each.halted,
                }
                for each in all_flows(session)
            ]
        cli.output.table(columns, rows, empty=_("There is none yet."))

    @command(flows, "export", _("Print the draft of a flow as YAML, or a version that was published."))
    @click.argument("name")
    @option("--number", type=int, metavar="VERSION", help=_("This version; by default the draft."))
    def export(cli: Invocation, name: str, number: int | None) -> None:
        """Print a flow."""
        from crmkit_journey.flows.files import file_of
        from crmkit_journey.flows.finding import draft_of, flow_named, version_of

        with cli.session() as session:
            flow = flow_named(session, name)
            draft = draft_of(session, flow)
            document = version_of(session, flow.id, number).document if number else draft.document if draft else {}
            text = file_of(flow.name, flow.title, flow.description or "", document)
        if cli.output.json:
            cli.output.document({"name": flow.name, "title": flow.title, **document})
        else:
            click.echo(text, nl=False)

    @command(flows, "check", _("Say what is wrong with a file, or with the draft of a flow."))
    @click.argument("file_or_name")
    def check(cli: Invocation, file_or_name: str) -> None:
        """Check a flow. Ends with 1 where something keeps it from being published."""
        from crmkit_journey.flows.documents import flow_of
        from crmkit_journey.flows.files import read_file
        from crmkit_journey.flows.finding import draft_of, flow_named
        from crmkit_journey.flows.vetting import vet

        with cli.session() as session:
            if Path(file_or_name).is_file():
                found = read_file(_text(Path(file_or_name)))
                findings = vet(session, found.flow, found.name)
            else:
                flow = flow_named(session, file_or_name)
                draft = draft_of(session, flow)
                findings = vet(session, flow_of(draft.document if draft else {}), flow.name)
        rows = [
            {"level": each.level, "place": each.place, "text": cli.output.text(each.text, **each.values)}
            for each in findings
        ]
        cli.output.table(FINDINGS, rows, empty=_("Nothing is wrong."))
        if any(each.level == "error" for each in findings):
            raise click.exceptions.Exit(1)

    @command(flows, "apply", _("Make the draft of a flow what a file says; a new flow is added."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @option("--publish", is_flag=True, help=_("Publish it at once."))
    @option("--dry-run", is_flag=True, help=_("Say what would change, and write nothing."))
    def apply(cli: Invocation, file: Path, publish: bool, dry_run: bool) -> None:
        """Apply a file, as a whole or not at all, and print what changed."""
        from crmkit_journey.flows.documents import document_of
        from crmkit_journey.flows.files import difference, read_file
        from crmkit_journey.flows.finding import draft_of
        from crmkit_journey.flows.models import Flow

        found = read_file(_text(file))
        document = document_of(found.flow)
        with cli.session() as session:
            flow = session.scalars(select(Flow).where(Flow.name == found.name)).first()
            draft = None if flow is None else draft_of(session, flow)
            changed = difference({} if draft is None else draft.document, document)
            target = None if flow is None else flow.id
        if not dry_run:
            with cli.crm.transaction(cli.actor) as session:
                about = {"title": found.title or found.name, "description": found.description}
                if target is None:
                    values = {"name": found.name, "document": document, **about}
                    target = session.run("journey.flow.create", values).id
                else:
                    session.run("journey.flow.update", about, target=target)
                    session.run("journey.flow.draft", {"document": document}, target=target)
                if publish:
                    session.run("journey.flow.publish", {}, target=target)
        shown = {"name": found.name, "changed": bool(changed), "published": publish and not dry_run}
        if cli.output.json:
            cli.output.document({**shown, "difference": changed, "dry_run": dry_run})
            return
        click.echo(changed or cli.output.text(_("Nothing changes.")) + "\n", nl=False)
        if dry_run:
            cli.output.say(_("Nothing was written."))

    @command(flows, "compare", _("Show what differs between two versions of a flow, or a version and the draft."))
    @click.argument("name")
    @click.argument("old", type=int)
    @click.argument("new", type=int, required=False)
    def compare(cli: Invocation, name: str, old: int, new: int | None) -> None:
        """Print the difference."""
        from crmkit_journey.flows.files import difference
        from crmkit_journey.flows.finding import draft_of, flow_named, version_of

        with cli.session() as session:
            flow = flow_named(session, name)
            draft = draft_of(session, flow)
            newer = version_of(session, flow.id, new).document if new else draft.document if draft else {}
            changed = difference(version_of(session, flow.id, old).document, newer)
        if cli.output.json:
            cli.output.document({"name": name, "difference": changed})
        else:
            click.echo(changed or cli.output.text(_("They are the same.")) + "\n", nl=False)

    for verb, help_ in (
        ("publish", _("Publish the draft of a flow; those on their way stay on their version.")),
        ("pause", _("Stop a flow: nobody comes in, nobody goes on.")),
        ("resume", _("Let a flow go on that was paused.")),
        ("retire", _("Let nobody into a flow any more; those on their way go on to their end.")),
    ):
        _add_verb(flows, verb, help_)


def _add_verb(flows: click.Group, verb: str, help_: str) -> None:
    @command(flows, verb, help_)
    @click.argument("name")
    def run(cli: Invocation, name: str) -> None:
        """Do it and print how the flow stands."""
        from crmkit_journey.flows.finding import flow_named

        with cli.crm.transaction(cli.actor) as session:
            flow = flow_named(session, name)
            session.run(f"journey.flow.{verb}", {}, target=flow)
            shown = {"name": flow.name, "state": flow.state, "version": flow.live_number}
        cli.output.record(
            [(_("Name"), name), (_("State"), shown["state"]), (_("Version"), shown["version"])], json=shown
        )


def _add_passages(above: click.Group) -> None:
    @command(above, "passages", _("List customers on their way, or those who failed."))
    @option("--flow", metavar="NAME", default="", help=_("Of this flow alone."))
    @option("--customer", metavar="WHO", default="", help=_("Of this customer alone."))
    @option("--status", metavar="STATUS", default="", help=_("In this status: ready, waiting, ended, failed."))
    @option("--limit", type=click.IntRange(1, 10000), default=100, metavar="N", help=_("At most so many."))
    def passages(cli: Invocation, flow: str, customer: str, status: str, limit: int) -> None:
        """Print passages, the newest first."""
        from crmkit_journey.flows.finding import flow_named
        from crmkit_journey.flows.models import Flow
        from crmkit_journey.passages.models import Passage

        who = customer_id(cli, customer) if customer else None
        columns = (
            Column("id", _("Id")),
            Column("flow", _("Flow")),
            Column("number", _("Number"), align="right"),
            Column("status", _("Status")),
            Column("node", _("Node")),
            Column("since", _("There since")),
            Column("wake_at", _("Goes on at")),
            Column("outcome", _("Outcome")),
            Column("error", _("What went wrong")),
        )
        with cli.session() as session:
            query = select(Passage, Flow.name).join(Flow, Flow.id == Passage.flow_id)
            if flow:
                query = query.where(Passage.flow_id == flow_named(session, flow).id)
            if who is not None:
                query = query.where(Passage.customer_id == who)
            if status:
                query = query.where(Passage.status == status)
            query = query.order_by(Passage.began_at.desc(), Passage.id.desc()).limit(limit)
            rows = [_row(passage, name) for passage, name in session.execute(query)]
        cli.output.table(columns, rows, empty=_("There is none."))

    @command(above, "replay", _("Play passages again from their logs and say whether the same states come."))
    @option("--flow", metavar="NAME", default="", help=_("Those of this flow alone."))
    @option("--passage", metavar="ID", default="", help=_("This passage alone."))
    def replay(cli: Invocation, flow: str, passage: str) -> None:
        """Replay and print what came out otherwise. Ends with 1 where anything did."""
        from crmkit_journey.flows.finding import flow_named
        from crmkit_journey.passages.models import Passage
        from crmkit_journey.passages.replaying import replay as play

        with cli.session() as session:
            query = select(Passage).order_by(Passage.id)
            if flow:
                query = query.where(Passage.flow_id == flow_named(session, flow).id)
            if passage:
                query = query.where(Passage.id == _id(passage))
            found = [play(session, each) for each in session.scalars(query).all()]
        wrong = [each for each in found if each.differs is not None]
        columns = (
            Column("passage", _("Passage")),
            Column("step", _("Step"), align="right"),
            Column("expected", _("In the log")),
            Column("found", _("Came out")),
        )
        rows = [
            {"passage": str(each.passage_id), "step": each.differs, "expected": each.expected, "found": each.found}
            for each in wrong
        ]
        more = {"passages": len(found), "steps": sum(each.steps for each in found)}
        cli.output.table(columns, rows, more=more, empty=_("All came out as they stand in the log."))
        if wrong:
            raise click.exceptions.Exit(1)

    @command(above, "run", _("Have flows go on now, without a worker."))
    def run(cli: Invocation) -> None:
        """Let in who waits and have everybody go on who is due."""
        from crmkit_journey.passages.running import run_due

        run_due(cli.crm, cli.actor)
        cli.output.record([(_("Done"), "–")], json={"done": True})


def _row(passage: Any, flow: str) -> dict[str, Any]:
    return {
        "id": str(passage.id),
        "flow": flow,
        "customer": str(passage.customer_id),
        "number": passage.number,
        "version": passage.edition,
        "status": "held_out" if passage.held_out else passage.status,
        "node": passage.node,
        "began_at": passage.began_at,
        "since": passage.since,
        "wake_at": passage.wake_at,
        "goal_at": passage.goal_at,
        "outcome": passage.outcome,
        "error": passage.error,
    }


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        wrong = Problem(InvalidInput.code, _('"{text}" is no id.'), field="--passage", text=text)
        raise InvalidInput([wrong]) from None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        problem = Problem(InvalidInput.code, _("{file} is no text in UTF-8."), field="FILE", file=file.name)
        raise InvalidInput([problem]) from error
