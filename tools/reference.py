"""Writes the reference pages that follow from the code: error codes, settings, commands, facts, events, permissions.

``python tools/reference.py`` writes ``docs/errors.md``, ``docs/settings.md``, ``docs/roles.md``, ``docs/reference-*``,
and the parts of ``docs/cli.md`` and ``docs/hooks.md`` that list the commands and the changes; with ``--check`` it ends
with 1 when one of them is out of date.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import textwrap
from pathlib import Path

import attrs
import click

from crmkit.cli.lazy import Option
from crmkit.cli.root import SECTIONS, root
from crmkit.errors import all_errors
from crmkit.hooks.changes import CHANGES
from crmkit.security.roles.shipped import EVERYBODY, SHIPPED
from crmkit.settings import Settings

sys.path.insert(0, str(Path(__file__).resolve().parent))
from vocabulary import events_page, facts_page, permissions_page

ROOT = Path(__file__).resolve().parents[1]


def errors_page() -> str:
    """Return the page of error codes."""
    rows = [
        "# Error codes",
        "",
        "Every error has a code that never changes its meaning; its wording may. Doors show the code, what is wrong,",
        "the field or place, and what would be right. Each row is a class of `crmkit.errors`.",
        "",
        "| code | class | meaning |",
        "| --- | --- | --- |",
    ]
    for cls in all_errors():
        meaning = " ".join(inspect.getdoc(cls).split("\n\n")[0].split()) if cls.__doc__ else ""  # type: ignore[union-attr]
        rows.append(f"| {cls.code} | `{cls.__name__}` | {meaning} |")
    return "\n".join(rows) + "\n"


def settings_page() -> str:
    """Return the page of settings."""
    source = inspect.getsource(Settings)
    described = dict(re.findall(r'^    (\w+): [^\n]+\n    """(.*?)"""', source, re.MULTILINE | re.DOTALL))
    rows = [
        "# Settings",
        "",
        "Settings of a machine are in `crmkit.toml` in the installation's folder. Each can be given as an environment",
        "variable instead, which wins: `CRMKIT_` and the name in capitals. What belongs to the business (currency,",
        "time zone, fiscal year) is in the database: `crmkit run business.configure`.",
        "",
        "| name | default | meaning |",
        "| --- | --- | --- |",
    ]
    for attribute in attrs.fields(Settings):
        default = attribute.default
        if default is attrs.NOTHING:
            shown = "required"
        elif isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            shown = "empty"
        else:
            shown = f"`{default!r}`" if default is not None else "none"
        meaning = " ".join(described[attribute.name].split()).replace("``", "`")
        rows.append(f"| `{attribute.name}` | {shown} | {meaning} |")
    return "\n".join(rows) + "\n"


def cli_page() -> str:
    """Return the page of the command line: what is written by hand, then every command with its options."""
    context = click.Context(root, info_name="crmkit")
    written = (ROOT / "docs" / "cli.md").read_text("utf-8")
    out = [written.partition(f"## {SECTIONS[0][0]}\n")[0].rstrip() + "\n"]
    for title, names in SECTIONS:
        out.append(f"## {title}\n")
        for name in names:
            command = root.get_command(context, name)
            assert command is not None
            _command(command, name, 3, context, out)
    return "\n".join(out)


def _command(command: click.Command, path: str, level: int, context: click.Context, out: list[str]) -> None:
    out.append(f"{'#' * level} `crmkit {path}`\n")
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            _command(inner, f"{path} {name}", level + 1, context, out)
        return
    arguments = [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]
    out.append("    crmkit " + " ".join([path, *arguments]) + "\n")
    out.append("\n".join(textwrap.wrap(str(command.help), 118)) + "\n")
    rows = []
    for each in command.params:
        if isinstance(each, Option) and not each.hidden:
            names = ", ".join(f"`{name}`" for name in each.opts)
            value = "" if each.is_flag else f" `{each.make_metavar(context)}`"
            rows.append(f"| {names}{value.replace('|', '/')} | {str(each.text).replace('|', '/')} |")
    if rows:
        out.append("\n".join(["| option | meaning |", "| --- | --- |", *rows]) + "\n")


def roles_page() -> str:
    """Return the page of the roles that crmkit ships."""
    out = [
        "# The roles that crmkit ships",
        "",
        "Every new installation has these. An admin changes them as any other role, and what was changed stays so at",
        "upgrades. Each line is a grant; [Access](access.md) says what resources, actions and scopes are.",
        "",
    ]
    for role in SHIPPED:
        out += [f"## {role.name}", "", f"{role.title}. {role.description}", "", "| resource | actions | scope |"]
        out += ["| --- | --- | --- |"]
        out += [
            f"| `{resource}` | {', '.join(actions.split())} | {scope} |"
            for resource, actions, scope in (*role.grants, *EVERYBODY)
        ]
        fields = ", ".join(f"{classified} {level}" for classified, level in role.fields)
        out += [
            "",
            f"Fields: {fields}. Of a plugin's permissions that name it: read {role.reads}, others {role.writes}.",
            "",
        ]
    return "\n".join(out)


def hooks_page() -> str:
    """Return the page of hooks: what is written by hand, then the changes of the hook API."""
    written = (ROOT / "docs" / "hooks.md").read_text("utf-8").partition("## Changes\n")[0].rstrip()
    rows = [
        "## Changes",
        "",
        "What the hook API has got, and when; [What may change](deprecation.md) says which change raises which number.",
        "",
        "| hook API | kind | what | |",
        "| --- | --- | --- | --- |",
        *(f"| {each.api} | {each.kind} | `{each.what}` | {each.text} |" for each in CHANGES),
    ]
    return "\n".join([written, "", *rows]) + "\n"


PAGES = {
    "roles.md": roles_page,
    "errors.md": errors_page,
    "settings.md": settings_page,
    "cli.md": cli_page,
    "hooks.md": hooks_page,
    "reference-facts.md": facts_page,
    "reference-events.md": events_page,
    "reference-permissions.md": permissions_page,
}


def main() -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, report what is out of date")
    arguments = parser.parse_args()
    stale = []
    for name, page in PAGES.items():
        path = ROOT / "docs" / name
        if not path.exists() or path.read_text("utf-8") != page():
            stale.append(name)
            if not arguments.check:
                path.write_text(page(), "utf-8")
    if arguments.check and stale:
        print("out of date:", ", ".join(stale))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
