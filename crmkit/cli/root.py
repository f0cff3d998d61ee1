"""The root of the command line: its commands by name, none of them imported, and how any call of it ends.

Must not import a command, the database layer or a plugin.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import FROM_PLUGINS, Lazy, LazyGroup, Option, common_options
from crmkit.errors import UsageError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.cli.plugins import PluginCommands

_ = texts("crmkit")

_AT = "crmkit.cli.commands"

SECTIONS: Sequence[tuple[str, Mapping[str, Lazy]]] = (
    (
        _("Begin"),
        {
            "init": Lazy(f"{_AT}.init:init", _("Make an installation: settings, keys, data and an empty database.")),
            "demo": Lazy(f"{_AT}.demo:demo", _("Make a customer base with real purchases and show it.")),
            "doctor": Lazy(f"{_AT}.doctor:doctor", _("Look for anything that is wrong with the installation.")),
        },
    ),
    (
        _("Customers"),
        {
            "customer": Lazy(f"{_AT}.customer:customer", _("List, show, add and change customers.")),
            "interaction": Lazy(f"{_AT}.interaction:interaction", _("Record and list what happened with customers.")),
            "product": Lazy(f"{_AT}.product:product", _("List the catalogue of products.")),
        },
    ),
    (
        _("Analysis"),
        {
            "search": Lazy(f"{_AT}.search:search", _("Find customers and interactions by their words.")),
            "fact": Lazy(f"{_AT}.fact:fact", _("List what is known about customers, and print it for many at once.")),
            "dimension": Lazy(f"{_AT}.dimension:dimension", _("List and change what customers are classified by.")),
            "classify": Lazy(f"{_AT}.classify:classify", _("Classify customers, and preview changes.")),
            "segment": Lazy(f"{_AT}.segment:segment", _("List, count and compare groups of customers.")),
            "rule": Lazy(f"{_AT}.rule:rule", _("List, change, test and back-test rules.")),
            "experiment": Lazy(f"{_AT}.experiment:experiment", _("Plan experiments and judge what they show.")),
            "report": Lazy(f"{_AT}.report:report", _("List, run and schedule reports.")),
            "goal": Lazy(f"{_AT}.goal:goal", _("Set goals and see how far they are attained.")),
        },
    ),
    (
        _("In and out"),
        {
            "import": Lazy(f"{_AT}.importing:import_", _("Import customers, purchases or interactions from a file.")),
            "imports": Lazy(
                f"{_AT}.imports:imports", _("List, show and revert imports, and keep mappings of columns.")
            ),
            "export": Lazy(f"{_AT}.exporting:export", _("Export customers, purchases or interactions to a file.")),
        },
    ),
    (
        _("Operations"),
        {
            "operation": Lazy(f"{_AT}.operation:operation", _("List and show the operations.")),
            "run": Lazy(f"{_AT}.run:run", _("Run an operation.")),
            "serve": Lazy(f"{_AT}.serve:serve", _("Serve the pages and the API.")),
            "worker": Lazy(f"{_AT}.worker:worker", _("Carry out jobs.")),
            "job": Lazy(f"{_AT}.job:job", _("List, retry and discard jobs.")),
        },
    ),
    (
        _("Administration"),
        {
            "plugin": Lazy(f"{_AT}.plugin:plugin", _("List, enable, disable, purge, write and check plugins.")),
            "db": Lazy(f"{_AT}.db:db", _("Bring the database up to date and check it.")),
            "backup": Lazy(f"{_AT}.backup:backup", _("Back up the data.")),
            "restore": Lazy(f"{_AT}.backup:restore", _("Restore a backup into an installation that has no data.")),
            "user": Lazy(f"{_AT}.user:user", _("The people who work with the CRM: their roles and their passwords.")),
            "team": Lazy(f"{_AT}.team:team", _("List and add teams, and say who is in them.")),
            "role": Lazy(f"{_AT}.role:role", _("List, make and change roles, and say what they grant.")),
            "access": Lazy(f"{_AT}.access:access", _("Say who may do what, and why, and list the rights there are.")),
            "token": Lazy(f"{_AT}.token:token", _("Make, list and revoke API tokens.")),
            "key": Lazy(f"{_AT}.key:key", _("List, change, back up and give up the keys that sealed values hang on.")),
            "privacy": Lazy(f"{_AT}.privacy:privacy", _("Tell persons what is kept, erase them, hold and retain.")),
            "audit": Lazy(f"{_AT}.audit:audit", _("Look into the audit log, verify it, and report on it.")),
            "config": Lazy(f"{_AT}.config:config", _("Export, compare and apply the configuration as files.")),
            "field": Lazy(f"{_AT}.field:field", _("List, add and retire custom fields.")),
            "option": Lazy(f"{_AT}.option:option", _("List and extend option lists.")),
            "completion": Lazy(
                f"{_AT}.completion:completion", _("Print the script that completes commands in a shell.")
            ),
        },
    ),
)

COMMANDS: Mapping[str, Lazy] = {name: entry for _title, entries in SECTIONS for name, entry in entries.items()}


class Root(LazyGroup):
    """The command ``crmkit``: the kernel's commands, then those of the enabled plugins."""

    def lazy_commands(self, ctx: click.Context) -> Mapping[str, Lazy]:
        """Return all commands; plugins are looked for only here, and a kernel's command cannot be taken over."""
        return {**_of_plugins(ctx).alone(), **COMMANDS}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let groups of the kernel ask for what plugins add to them."""
        ctx.meta[FROM_PLUGINS] = _of_plugins(ctx)
        return super().parse_args(ctx, args)

    def sections(self, ctx: click.Context) -> Sequence[tuple[str, Mapping[str, Lazy]]]:
        """Return the commands by section, those of plugins last."""
        return [*SECTIONS, (_("Plugins"), _of_plugins(ctx).alone())]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the help."""
        return [*COMMANDS, *_of_plugins(ctx).alone()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; plugins are asked only for a name that is not the kernel's.

        Raises PluginImportError for a command of a plugin that cannot be imported.
        """
        entry = COMMANDS.get(cmd_name) or _of_plugins(ctx).alone().get(cmd_name)
        return None if entry is None else self.load(ctx, cmd_name, entry)

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run and end the process with one of the documented exit codes, whatever happens."""
        extra.pop("standalone_mode", None)
        invocation = extra.setdefault("obj", Invocation())
        _tolerate_terminal()
        _keep_logs_quiet()
        try:
            code = self._run(args, prog_name or "crmkit", invocation, extra)
            sys.stdout.flush()
        except BrokenPipeError:
            code = _silence()
        sys.exit(code)

    def _run(self, args: Sequence[str] | None, prog_name: str, invocation: Invocation, extra: dict[str, Any]) -> int:
        try:
            given = [_checked(word) for word in (sys.argv[1:] if args is None else args)]
            # An error of use is found before the options are read, and is to be a document all the same.
            invocation.json = "--json" in given
            try:
                ended = super().main(given, prog_name, standalone_mode=False, **extra)
            finally:
                invocation.close()
            return ended if isinstance(ended, int) else 0
        except BrokenPipeError:
            raise
        except Exception as error:
            from crmkit.cli.errors import report

            return report(error, invocation)


def _of_plugins(ctx: click.Context) -> PluginCommands:
    from crmkit.cli.plugins import PluginCommands

    known: PluginCommands | None = ctx.meta.get(FROM_PLUGINS)
    if known is None:
        invocation = ctx.find_object(Invocation)
        # Which installation it is, is known only when the options have been read.
        enabled = None if invocation is None else invocation.enabled
        known = PluginCommands(lambda: None if invocation is None else invocation.home, COMMANDS, enabled)
    return known


def _checked(word: str) -> str:
    """Return a word of the command line, which is UTF-8 also where the locale says that there is only ASCII.

    Raises UsageError for one that is not.
    """
    if word.isascii() and "\0" not in word:
        return word
    try:
        plain = os.fsencode(word).decode("utf-8")
    except UnicodeError:
        plain = "\0"
    if "\0" in plain:
        raise UsageError(
            _("A word of the command is no text in UTF-8: {word}."),
            word=word.encode("ascii", "backslashreplace").decode(),
        )
    return plain


def _tolerate_terminal() -> None:
    """Show a question mark for what a terminal cannot show, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _keep_logs_quiet() -> None:
    """Keep what is logged off the terminal: commands say themselves what matters."""
    import logging

    logger = logging.getLogger("crmkit")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _silence() -> int:
    """Say nothing when the reader of the output has gone away, not even at the end of the process."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from crmkit import __version__

        click.echo(f"crmkit {__version__}")
        ctx.exit()


def _make() -> Root:
    made = Root(
        "crmkit",
        help=_(
            "A customer base on the command line.\n\n"
            "Every command prints tables for people, and with --json one JSON document for scripts. "
            "Exit codes: 0 done, 1 internal error, 2 usage, 3 invalid input, 4 refused, 5 not found, 6 conflict, "
            "7 installation or plugin not usable, 8 done in part, 9 audit log damaged, 130 interrupted."
        ),
        common=False,
        params=[],
    )
    made.params = [
        *common_options(at_root=True),
        Option(
            ["--version", "-V"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help=_("Show the version and end."),
        ),
    ]
    return made


root = _make()
"""The command ``crmkit``."""
