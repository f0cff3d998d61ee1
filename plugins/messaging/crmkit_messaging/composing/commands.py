"""``crmkit messaging templates``: look at templates, publish them, and keep them as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmkit import InvalidInput, NotFound, Problem, texts
from crmkit.cli.api import Column, Invocation, command, customer_id, group, option

_ = texts("crmkit_messaging")

templates = group(help=_("Message templates: look at them, publish them, keep them as files."), name="templates")
"""The group ``crmkit messaging templates``."""


@command(templates, "list", _("List the templates."))
def list_(cli: Invocation) -> None:
    """Print the templates with what is published of each."""
    from sqlalchemy import select

    from crmkit_messaging.composing.models import DRAFT, PUBLISHED, MessageTemplate

    with cli.session() as session:
        rows: list[dict[str, Any]] = []
        for each in session.scalars(select(MessageTemplate).order_by(MessageTemplate.name)):
            published = next((one for one in each.versions if one.state == PUBLISHED), None)
            newest = published or each.versions[-1]
            rows.append(
                {
                    "name": each.name,
                    "title": each.title,
                    "channel": each.channel,
                    "purpose": each.purpose,
                    "published": None if published is None else published.number,
                    "draft": any(one.state == DRAFT for one in each.versions),
                    "languages": list(dict.fromkeys(text.language for text in newest.texts)),
                    "id": str(each.id),
                }
            )
    columns = (
        Column("name", _("Name")),
        Column("channel", _("Channel")),
        Column("purpose", _("Purpose")),
        Column("languages", _("Languages")),
        Column("published", _("Published")),
        Column("draft", _("Draft")),
    )
    cli.output.table(columns, rows, empty=_("There is no template yet."))


@command(templates, "preview", _("Show a template as it would be sent: with samples, or for a customer."))
@click.argument("name")
@option("--customer", "who", metavar="CUSTOMER", help=_("For this customer: an id or a number of another system."))
@option("--language", "wanted", metavar="TAG", help=_("In this language."))
@option("--variant", metavar="NAME", help=_("As this variant."))
@option("--published", is_flag=True, help=_("What is published, not the draft."))
@option("--html", is_flag=True, help=_("The HTML of a mail, in place of its plain text."))
def preview(
    cli: Invocation, name: str, who: str | None, wanted: str | None, variant: str | None, published: bool, html: bool
) -> None:
    """Print a message."""
    from crmkit_messaging.composing.rendering import published_of, render_version
    from crmkit_messaging.composing.trying import newest

    customer = None if who is None else customer_id(cli, who)
    with cli.session() as session:
        template = _named(session, name)
        version = published_of(session, template.id) if published else newest(template)
        if version is None:
            raise NotFound(_('"{name}" was never published.'), name=name)
        made = render_version(session, version, customer, language=wanted, variant=variant, sample=True)
    if cli.json:
        document = {
            "template": made.template,
            "version": made.version,
            "language": made.language,
            "variant": made.variant,
            "subject": made.subject,
            "text": made.text,
            "html": made.html,
            "missing": list(made.missing),
            "segments": None if made.segments is None else made.segments.count,
            "encoding": None if made.segments is None else made.segments.encoding,
        }
        cli.output.document(document)
        return
    if html:
        click.echo(made.html, nl=False)
        return
    if made.subject:
        click.echo(f"{cli.text(_('Subject'))}: {made.subject}\n")
    click.echo(made.text)
    if made.segments is not None:
        cli.output.say(
            _("{count} parts ({encoding}, {units} units)"),
            count=made.segments.count,
            encoding=made.segments.encoding,
            units=made.segments.units,
        )
    if made.missing:
        cli.output.warn(_("Missing: {names}. The message would not be sent."), names=", ".join(made.missing))


@command(templates, "check", _("Say what speaks against publishing the draft of a template."))
@click.argument("name")
def check(cli: Invocation, name: str) -> None:
    """Print the warnings about a draft."""
    from crmkit_messaging.composing.checking import warnings_of
    from crmkit_messaging.composing.trying import newest

    with cli.session() as session:
        found = warnings_of(session, newest(_named(session, name)))
    rows = [{"level": each.level, "code": each.code, "text": each.said(cli.language)} for each in found]
    columns = (Column("level", _("Level")), Column("code", _("Code")), Column("text", _("What")))
    cli.output.table(columns, rows, empty=_("Nothing speaks against it."))


@command(templates, "publish", _("Publish the draft of a template."))
@click.argument("name")
@option("--note", metavar="TEXT", default="", help=_("What is new."))
@option("--in-spite", is_flag=True, help=_("In spite of warnings."))
def publish(cli: Invocation, name: str, note: str, in_spite: bool) -> None:
    """Publish a draft."""
    with cli.session() as session:
        found = _named(session, name).id
    cli.run("messaging.template.publish", {"note": note, "confirmed": in_spite}, target=found)
    if cli.json:
        cli.output.document({"name": name, "published": True})
    else:
        cli.output.say(_("{name} is published."), name=name)


@command(templates, "export", _("Write templates as YAML or JSON: what is published of those named, or of all."))
@click.argument("names", nargs=-1, metavar="[NAME]…")
@option("--to", type=click.Path(path_type=Path), metavar="FILE", help=_("Into this file; by default printed."))
@option("--draft", is_flag=True, help=_("The newest version, published or not."))
@option("--format", "form", type=click.Choice(["yaml", "json"]), help=_("By default as the file's name says, or YAML."))
def export(cli: Invocation, names: tuple[str, ...], to: Path | None, draft: bool, form: str | None) -> None:
    """Write templates."""
    from crmkit_messaging.composing.files import document_of

    as_json = form == "json" or (form is None and (cli.json or (to is not None and to.suffix == ".json")))
    with cli.session() as session:
        document = document_of(session, names, draft=draft, form="json" if as_json else "yaml")
    if to is None:
        click.echo(document, nl=False)
        return
    try:
        to.write_text(document, "utf-8")
    except OSError as error:
        raise InvalidInput([Problem(InvalidInput.code, _("The file cannot be written."), field="--to")]) from error
    if cli.json:
        cli.output.document({"file": str(to)})
    else:
        cli.output.say(_("Written to {file}."), file=to)


@command(templates, "load", _("Take templates in from files, as drafts; those that say the same are left as they are."))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--publish", is_flag=True, help=_("Publish them at once, in spite of warnings."))
def load(cli: Invocation, files: tuple[Path, ...], publish: bool) -> None:
    """Take templates in, each file as a whole or not at all."""
    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            document = file.read_text("utf-8-sig")
        except (UnicodeDecodeError, OSError) as error:
            message = _("{file} is no text in UTF-8.")
            raise InvalidInput([Problem(InvalidInput.code, message, field="FILE", file=file)]) from error
        done = cli.run("messaging.template.load", {"document": document, "publish": publish})
        for state in ("added", "changed", "same"):
            rows.extend(
                {"name": name, "state": state, "published": name in done.published} for name in getattr(done, state)
            )
    columns = (Column("name", _("Name")), Column("state", _("State")), Column("published", _("Published")))
    cli.output.table(columns, rows)


def _named(session: Any, name: str) -> Any:
    from sqlalchemy import select

    from crmkit_messaging.composing.models import MessageTemplate

    found = session.scalar(select(MessageTemplate).where(MessageTemplate.name == name))
    if found is None:
        raise NotFound(_('There is no template "{name}".'), name=name)
    return found
