"""``crmkit feedback survey``: surveys as files, checked and published from the command line."""

from __future__ import annotations

from pathlib import Path

import click

from crmkit import InvalidInput, Problem, texts
from crmkit.cli.api import Column, Invocation, command, group as make_group, option

_ = texts("crmkit_feedback")


def add_to(group: click.Group) -> None:
    """Add the commands to those of feedback."""
    survey = make_group(help=_("Surveys: list, check, publish, and keep as files."), name="survey")
    group.add_command(survey)

    @command(survey, "list", _("List the surveys."))
    def list_(cli: Invocation) -> None:
        """Print the surveys."""
        from sqlalchemy import select

        from crmkit_feedback.surveys.models import Survey

        with cli.session() as session:
            rows = [
                {
                    "name": each.name,
                    "title": each.title,
                    "state": each.state,
                    "metric": each.metric,
                    "purpose": each.purpose,
                    "anonymous": each.anonymous,
                }
                for each in session.scalars(select(Survey).order_by(Survey.name))
            ]
        columns = (
            Column("name", _("Name")),
            Column("title", _("Title")),
            Column("state", _("State")),
            Column("metric", _("Measures")),
            Column("purpose", _("Purpose")),
        )
        cli.output.table(columns, rows, empty=_("There are no surveys."))

    @command(survey, "create", _("Add a survey as a draft."))
    @click.argument("name")
    @option("--template", default="nps", help=_("nps, csat, ces, market, call_back or empty."))
    @option("--title", default="", help=_("What staff call it."))
    @option("--anonymous", is_flag=True, help=_("Never keep who answered."))
    def create(cli: Invocation, name: str, template: str, title: str, anonymous: bool) -> None:
        """Add a survey."""
        values = {"name": name, "title": title, "template": template, "anonymous": anonymous}
        made = cli.crm.run(cli.actor, "feedback.survey.create", values)
        cli.output.record(
            [(_("Name"), made.name), (_("State"), made.state)], json={"name": made.name, "state": made.state}
        )

    @command(survey, "export", _("Print a survey with its draft as YAML."))
    @click.argument("name")
    @option("--to", type=click.Path(path_type=Path), metavar="FILE", help=_("Into this file; by default printed."))
    def export(cli: Invocation, name: str, to: Path | None) -> None:
        """Print a survey with its draft as YAML."""
        from crmkit_feedback.surveys.choosing import survey_named
        from crmkit_feedback.surveys.files import ABOUT, file_of

        with cli.session() as session:
            found = survey_named(session, name)
            document = file_of({each: getattr(found, each) for each in ABOUT}, found.draft)
        if to is None:
            click.echo(document, nl=False)
            return
        try:
            to.write_text(document, "utf-8")
        except OSError as error:
            raise InvalidInput([Problem(InvalidInput.code, _("The file cannot be written."), field="--to")]) from error
        cli.output.record([(_("File"), str(to))], json={"file": str(to)})

    @command(survey, "check", _("Say what is wrong with a file before it is used."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def check(cli: Invocation, file: Path) -> None:
        """Check a file, without a customer base. Fails where something is wrong, and says where."""
        from crmkit_feedback.surveys.checking import problems_of
        from crmkit_feedback.surveys.content import content_of
        from crmkit_feedback.surveys.files import read_file

        wrong = problems_of(content_of(read_file(_text(file)).content))
        if wrong:
            raise InvalidInput(wrong)
        cli.output.record([(_("File"), file.name), (_("Wrong"), "–")], json={"file": file.name, "wrong": []})

    @command(survey, "apply", _("Make a survey with its draft what a file says; a new one is added."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @option("--publish", is_flag=True, help=_("Publish it at once."))
    def apply(cli: Invocation, file: Path, publish: bool) -> None:
        """Make a survey what a file says, as a whole or not at all."""
        text = _text(file)
        with cli.crm.transaction(cli.actor) as session:
            made = session.run("feedback.survey.apply", {"text": text, "publish": publish})
            shown = {"name": made.name, "state": made.state}
        cli.output.record([(_("Name"), shown["name"]), (_("State"), shown["state"])], json=shown)

    @command(survey, "publish", _("Publish the draft of a survey."))
    @click.argument("name")
    def publish(cli: Invocation, name: str) -> None:
        """Publish a survey."""
        from crmkit_feedback.surveys.choosing import survey_named, version_of

        with cli.crm.transaction(cli.actor) as session:
            survey = survey_named(session, name)
            session.run("feedback.survey.publish", target=survey)
            number = version_of(session, survey).number
        cli.output.record(
            [(_("Name"), name), (_("Version"), number)], json={"name": name, "state": "open", "version": number}
        )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        problem = Problem(InvalidInput.code, _("{file} is no text in UTF-8."), field="FILE", file=file.name)
        raise InvalidInput([problem]) from error
