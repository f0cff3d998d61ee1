"""``crmkit plugin``: what is installed, what is enabled, and every change of that.

Listing and an emergency disabling open neither the database nor a plugin. Must not decide what a change needs:
``crmkit.lifecycle`` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.asking import confirm
from crmkit.cli.completing import plugin_names
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.errors import CrmkitError, HomeError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.lifecycle.enabling import EnablePlan, PlannedPlugin

_ = texts("crmkit")

plugin = group(help=_("List, enable, disable, purge, write and check plugins."), name="plugin")
"""The group ``crmkit plugin``."""


@command(plugin, "list", _("List the installed plugins and their states. Opens neither the database nor a plugin."))
def list_(cli: Invocation) -> None:
    """Print the installed plugins and those that only the installation remembers."""
    from crmkit.cli.plugins import listing

    columns = (
        Column("name", _("Name")),
        Column("state", _("State")),
        Column("version", _("Version")),
        Column("title", _("Title")),
        Column("reason", _("Reason")),
    )
    known = None if cli.enabled is None else cli.crm.plugins
    cli.output.table(columns, listing(cli.home, cli.language, known), empty=_("No plugin is installed."))


@command(plugin, "info", _("Show everything about a plugin: state, requirements, permissions, tables."))
@click.argument("name", shell_complete=plugin_names)
def info(cli: Invocation, name: str) -> None:
    """Print one plugin, with the sizes of its tables where there is an installation."""
    import attrs

    from crmkit.cli.plugins import found_plugin, listing

    if cli.home is not None:
        rows = [attrs.asdict(view) for view in cli.crm.list_plugins(sizes=True)]
    else:
        rows = listing(None, cli.language)
    row = next((each for each in rows if each["name"] == name), None)
    found = found_plugin(name)
    if row is None:
        assert found.error is not None
        raise found.error
    manifest = found.manifest
    permissions = [attrs.asdict(item) for item in manifest.permissions] if manifest is not None else []
    row |= {
        "title": cli.text(str(row["title"])),
        "api": manifest.api if manifest is not None else None,
        "permissions": permissions,
        "uses": list(manifest.uses) if manifest is not None else [],
        "commands": sorted(manifest.commands) if manifest is not None else [],
        "license": manifest.license if manifest is not None else None,
        "homepage": manifest.homepage if manifest is not None else None,
        "security_contact": manifest.security_contact if manifest is not None else None,
    }
    tables: Any = row.get("tables", ())
    cli.output.record(
        [
            (_("Name"), row["name"]),
            (_("Title"), row["title"]),
            (_("Summary"), row["summary"]),
            (_("State"), row["state"]),
            (_("Reason"), row["reason"]),
            (_("Version"), row["version"]),
            (_("Distribution"), row["distribution"]),
            (_("Hook API"), row["api"]),
            (_("Requires"), row["requires"]),
            (_("Needs"), row["needs"]),
            (_("Permissions"), [item["name"] for item in permissions]),
            (_("Uses"), row["uses"]),
            (_("Commands"), row["commands"]),
            (_("Tables"), [f"{item['name']} ({item['rows']})" for item in tables]),
            (_("Licence"), row["license"]),
            (_("Home page"), row["homepage"]),
            (_("Security contact"), row["security_contact"]),
        ],
        json=row,
    )


@command(plugin, "enable", _("Enable a plugin and those that it requires, after showing what that would do."))
@click.argument("name", shell_complete=plugin_names)
@option("--yes", "-y", is_flag=True, help=_("Do not ask."))
@option("--plan", "only_plan", is_flag=True, help=_("Show what would be done, and do nothing."))
def enable(cli: Invocation, name: str, yes: bool, only_plan: bool) -> None:
    """Show the plan, ask, and carry it out."""
    plan = cli.crm.plan_enable(name)
    if plan.errors:
        raise plan.errors[0]
    if not cli.json:
        _show_plan(cli, plan)
    if only_plan:
        if cli.json:
            cli.output.document({"plan": [_planned(cli, item) for item in plan.plugins], "enabled": []})
        return
    offered = all(item.enabled for item in plan.plugins)
    asked = _('Give the new permissions of "{name}" to these roles?') if offered else _('Enable "{name}"?')
    confirm(cli, asked, yes=yes, name=name)
    names = cli.crm.enable(plan, cli.actor)
    if cli.json:
        cli.output.document({"plan": [_planned(cli, item) for item in plan.plugins], "enabled": names})
    elif offered:
        cli.output.say(_('The new permissions of "{name}" are given.'), name=name)
    else:
        cli.output.say(
            _("Enabled: {names}. Workers take it up by themselves, other processes when they are started again."),
            names=", ".join(names),
        )


def _planned(cli: Invocation, item: PlannedPlugin) -> dict[str, object]:
    return {
        "name": item.name,
        "title": cli.text(item.title),
        "version": item.version,
        "distribution": item.distribution,
        "permissions": item.permissions,
        "uses": item.uses,
        "revisions": item.revisions,
        "tables": item.tables,
        "hooks": item.hooks,
    }


def _show_plan(cli: Invocation, plan: EnablePlan) -> None:
    from crmkit.cli.plugins import show_permissions

    for item in plan.plugins:
        cli.output.heading(
            _("{title} ({name} {version})"), title=cli.text(item.title), name=item.name, version=item.version
        )
        cli.output.record(
            [
                (_("From"), item.distribution),
                (_("Migrations"), item.revisions),
                (_("Tables"), item.tables),
                (_("Uses"), item.uses),
                (_("Hooks"), item.hooks),
            ]
        )
        if item.permissions:
            show_permissions(cli, item.permissions)
    for warning in plan.warnings:
        cli.output.warn(warning)


@command(
    plugin,
    "disable",
    _("Disable a plugin and keep its data. Works when its code or the database cannot be opened, too."),
)
@click.argument("name", shell_complete=plugin_names)
@option("--cascade", is_flag=True, help=_("Disable the plugins that require it, too."))
@option(
    "--offline", is_flag=True, help=_("Open neither the database nor a plugin: it is disabled at the next opening.")
)
def disable(cli: Invocation, name: str, cascade: bool, offline: bool) -> None:
    """Disable at once, or leave word of it where nothing can be opened."""
    from crmkit.mirror import request_disable

    reason: CrmkitError | None = None
    if not offline:
        try:
            crm = cli.crm
        except HomeError:
            raise
        except CrmkitError as error:
            reason = error
        else:
            done = crm.disable(name, cascade=cascade, actor=cli.actor)
            for problem in done.errors:
                cli.output.warn("{problem}", problem=problem.render(cli.language))
            if cli.json:
                cli.output.document({"disabled": done.names, "at_next_opening": False})
            else:
                cli.output.say(_("Disabled: {names}. The data is kept."), names=", ".join(done.names))
            return
    if cli.home is None:
        raise reason or HomeError(_("No installation is named."), fix=_("Give --home DIR."))
    names = request_disable(cli.home, name, cascade=cascade)
    if reason is not None:
        cli.output.warn(_("The database cannot be opened: {reason}"), reason=reason.render(cli.language))
    if cli.json:
        cli.output.document({"disabled": names, "at_next_opening": True})
    else:
        cli.output.say(_("To be disabled when the installation is opened next: {names}."), names=", ".join(names))


@command(
    plugin,
    "purge",
    _("Remove a disabled or orphaned plugin's tables and data for good, after showing what that would be."),
)
@click.argument("name", shell_complete=plugin_names)
@option("--yes", "-y", is_flag=True, help=_("Do not ask."))
@option("--plan", "only_plan", is_flag=True, help=_("Show what would be removed, and remove nothing."))
@option(
    "--export",
    "export",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Write the plugin's rows into this folder first, one file of JSON lines for each table."),
)
@option("--force", is_flag=True, help=_("Go on when the plugin's own hook fails."))
def purge(cli: Invocation, name: str, yes: bool, only_plan: bool, export: Path | None, force: bool) -> None:
    """Show what would be lost, ask, export and drop."""
    plan = cli.crm.plan_purge(name)
    if plan.errors:
        raise plan.errors[0]
    document: dict[str, object] = {"name": name, "tables": plan.tables, "exported": [], "purged": False}
    if not cli.json:
        columns = (Column("name", _("Table")), Column("rows", _("Rows"), "right"))
        rows = [{"name": table.name, "rows": table.rows} for table in plan.tables]
        cli.output.table(columns, rows, empty=_("The plugin has no tables."))
    if only_plan:
        if cli.json:
            cli.output.document(document)
        return
    confirm(cli, _('Remove everything of "{name}" for good?'), yes=yes, name=name)
    done = cli.crm.purge(plan, export_to=export, force=force, actor=cli.actor)
    if done.hook_error is not None:
        cli.output.warn("{problem}", problem=done.hook_error.render(cli.language))
    if cli.json:
        cli.output.document({**document, "exported": done.exported, "purged": True})
    else:
        cli.output.say(_('"{name}" is purged.'), name=name)


@command(plugin, "parts", _("List the parts that a new plugin can have."))
def parts_(cli: Invocation) -> None:
    """Print the parts, which of them are there where nothing else is said, and what they are built on."""
    from crmkit.scaffold import DEFAULT, PARTS, completed

    usual = completed(DEFAULT)
    rows = [
        {"name": name, "title": cli.text(part.title), "needs": part.needs, "usual": name in usual}
        for name, part in PARTS.items()
    ]
    columns = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("needs", _("Built on")),
        Column("usual", _("Usual")),
    )
    cli.output.table(columns, rows)


@command(plugin, "new", _("Write a new plugin: a package with a model, operations, pages and tests that pass."))
@click.argument("name")
@option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Where to put it (crmkit-NAME here)."),
)
@option("--title", metavar="TEXT", help=_("What people call it."))
@option("--title-zh", metavar="TEXT", help=_("What people call it in Chinese, if not the same."))
@option(
    "--with",
    "parts",
    metavar="PARTS",
    help=_('What it has, with commas between, or all; "crmkit plugin parts" lists them.'),
)
def new(
    cli: Invocation, name: str, folder: Path | None, title: str | None, title_zh: str | None, parts: str | None
) -> None:
    """Render the scaffold, and say what comes next."""
    from crmkit.scaffold import DEFAULT, render

    target = (folder or Path(f"crmkit-{name.replace('_', '-')}")).absolute()
    chosen = DEFAULT if parts is None else parts.split(",")
    files = render(name, target, title=title, title_zh=title_zh, parts=chosen)
    if cli.json:
        cli.output.document({"name": name, "folder": target, "files": files})
        return
    cli.output.say(
        _("{folder} holds the plugin {name} now, in {count} files."), folder=target, name=name, count=len(files)
    )
    cli.output.say(_("Next, in that folder:"))
    for line, does in (
        ('pip install -e ".[test]"', _("so that crmkit finds it")),
        ("pytest", _("its tests pass, before anything was changed")),
        (f"crmkit plugin check {name}", _("it keeps the rules")),
        (f"crmkit plugin enable {name}", _("in an installation to try it in (crmkit init)")),
        ("crmkit serve --reload", _("shows every change of it at once")),
    ):
        cli.output.say("    {line:<34} # {does}", line=line, does=cli.text(does))


@command(
    plugin,
    "check",
    _(
        "Check that an installed plugin keeps the rules, as its own tests would, and say its grade. Ends with 0 when "
        "nothing is wrong, or the grade that is asked for is reached."
    ),
)
@click.argument("name", shell_complete=plugin_names)
@option(
    "--grade",
    type=click.Choice(("bronze", "silver", "gold")),
    help=_("Demand this grade, and leave what only better ones need to later."),
)
def check(cli: Invocation, name: str, grade: str | None) -> None:
    """Run the conformance checks in a database of their own."""
    from crmkit.cli.conformance import show_conformance
    from crmkit.testing import check_plugin

    show_conformance(cli, name, check_plugin(name), demanded=grade)
