"""Commands that are listed without being imported, and help that is shown in the reader's language.

Must not know any command, nor import anything beyond click: ``crmkit --help`` runs through here.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click
from attrs import frozen
from click.shell_completion import CompletionItem

from crmkit.cli.invocation import Invocation
from crmkit.i18n import Text, texts, translate

if TYPE_CHECKING:
    from click.formatting import HelpFormatter

_ = texts("crmkit")

CommandT = TypeVar("CommandT", bound=click.Command)
FROM_PLUGINS = "crmkit.from_plugins"
"""Under this name a context keeps what plugins add to the command line, a `FromPlugins`."""


@frozen
class Lazy:
    """A command that is not imported yet: where it is, as ``package.module:name``, and its help in one line.

    ``plugin`` is the plugin that it belongs to, None for the kernel's own.
    """

    target: str
    help: str
    plugin: str | None = None


class FromPlugins(Protocol):
    """What plugins add to the command line, as far as groups ask for it."""

    def joining(self, group: str | None) -> Mapping[str, Lazy]:
        """Return the commands that join a group of the kernel's, by their names within it."""
        ...

    def load(self, name: str, entry: Lazy, language: str) -> click.Command:
        """Import a command of a plugin, with its help in a language."""
        ...

    def bringing(self, name: str) -> str | None:
        """Return the plugin that would bring a command if it were enabled."""
        ...


def from_plugins(ctx: click.Context) -> FromPlugins | None:
    """Return what plugins add to the command line; None in a group that is called without its root."""
    found: FromPlugins | None = ctx.meta.get(FROM_PLUGINS)
    return found


def language_of(ctx: click.Context) -> str:
    """Return the language that help is shown in."""
    invocation = ctx.find_object(Invocation)
    return invocation.language if invocation is not None else "en"


class Option(click.Option):
    """An option whose help is translated where it is shown."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.text: str | None = attributes.get("help")

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's names and its help in the reader's language."""
        english = self.help
        self.help = translate(self.text, language_of(ctx)) if self.text else english
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = english


class _Shown(click.Command):
    """What commands and groups have in common: help in the reader's language, and the options of crmkit itself."""

    def __init__(self, *arguments: Any, common: bool = True, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        if common:
            add_common(self)

    def format_usage(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write the usage line."""
        prefix = translate(_("Usage:"), language_of(ctx))
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=f"{prefix} ")

    def format_help_text(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write what the command does."""
        if self.help:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(translate(self.help, language_of(ctx)))

    def format_options(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write the options that are the command's own; the others are named by where they are explained."""
        records = [record for item in self.get_params(ctx) if (record := item.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(translate(_("Options"), language_of(ctx))):
                formatter.write_dl(records)
        if ctx.parent is not None:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(
                    translate(
                        _("The options of crmkit itself may be given here as well: crmkit --help."), language_of(ctx)
                    )
                )

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` with a text of our own."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = translate(_("Show this and end."), language_of(ctx))
        return found


class Command(_Shown):
    """A command of the command line."""


class LazyGroup(_Shown, click.Group):
    """A group whose commands are imported when they run. ``lazy`` maps their names to where they are."""

    def __init__(self, *arguments: Any, lazy: Mapping[str, Lazy] | None = None, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.lazy: Mapping[str, Lazy] = lazy or {}

    def lazy_commands(self, ctx: click.Context) -> Mapping[str, Lazy]:
        """Return the commands that can be listed without an import, by name: the group's own and those of plugins."""
        plugins = from_plugins(ctx)
        return self.lazy if plugins is None else {**plugins.joining(self.name), **self.lazy}

    def sections(self, ctx: click.Context) -> Sequence[tuple[str, Mapping[str, Lazy]]]:
        """Return the commands as they are listed in the help: by section with its title."""
        return [(_("Commands"), self.lazy_commands(ctx))]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the help."""
        return [*self.lazy_commands(ctx), *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None when there is none of the name."""
        known = self.commands.get(cmd_name)
        if known is not None:
            return known
        entry = self.lazy_commands(ctx).get(cmd_name)
        return None if entry is None else self.load(ctx, cmd_name, entry)

    def load(self, ctx: click.Context, name: str, entry: Lazy) -> click.Command:
        """Import a command. Raises PluginImportError for one of a plugin that cannot be imported."""
        plugins = from_plugins(ctx)
        if entry.plugin is not None and plugins is not None:
            return plugins.load(name, entry, language_of(ctx))
        module, _separator, attribute = entry.target.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names; a name that is unknown is answered with the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if args[0].startswith("-"):
                raise
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            text = _('There is no command "{name}".')
            hint = _('Did you mean "{close}"?') if close else _("crmkit --help lists them.")
            plugins = from_plugins(ctx)
            path = args[0] if ctx.parent is None else f"{self.name} {args[0]}"
            plugin = plugins.bringing(path) if plugins is not None else None
            if plugin is not None:
                text = _('"{name}" is a command of the plugin "{plugin}", which is not enabled.')
                hint = _("crmkit plugin enable {plugin} enables it.")
            raise click.UsageError(
                " ".join(
                    translate(part, language_of(ctx), name=args[0], close="".join(close), plugin=plugin)
                    for part in (text, hint)
                ),
                ctx,
            ) from error

    def format_commands(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write the commands with their help, importing none of them."""
        language = language_of(ctx)
        sections = [
            (title, [(name, translate(entry.help, language)) for name, entry in entries.items()])
            for title, entries in self.sections(ctx)
        ]
        own = [(name, _one_line(command, language)) for name, command in self.commands.items() if not command.hidden]
        if own:
            sections[:1] = [(sections[0][0], [*sections[0][1], *own])]
        width = max((len(name) for _title, rows in sections for name, _help in rows), default=0)
        for title, rows in sections:
            if rows:
                with formatter.section(translate(title, language)):
                    formatter.write_dl([(name.ljust(width), text) for name, text in rows])

    def format_options(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        _Shown.format_options(self, ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what the word may become: commands (none is imported for that) and options."""
        language = language_of(ctx)
        found = [
            CompletionItem(name, help=translate(entry.help, language))
            for name, entry in self.lazy_commands(ctx).items()
            if name.startswith(incomplete)
        ]
        found += [
            CompletionItem(name, help=_one_line(command, language))
            for name, command in self.commands.items()
            if name.startswith(incomplete) and not command.hidden
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def _one_line(command: click.Command, language: str) -> str:
    return translate(command.help or command.short_help or "", language).partition("\n")[0]


def group(help: str, **attributes: Any) -> LazyGroup:
    """Return a group without options of its own; its commands are added with ``@group.command(...)``."""
    made = LazyGroup(help=help, **attributes)
    made.command_class = Command
    return made


def command(
    parent: click.Group, name: str, help: str, **attributes: Any
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return the decorator that makes a function a command of a group; its first argument is the `Invocation`."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        made = click.command(name, cls=Command, help=help, **attributes)(click.pass_obj(function))
        parent.add_command(made)
        return made

    return decorate


def single(name: str, help: str, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Return the decorator that makes a function a command without a group; its first argument is the `Invocation`."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        return click.command(name, cls=Command, help=help, **attributes)(click.pass_obj(function))

    return decorate


def option(*names: str, help: str, **attributes: Any) -> Callable[[Any], Any]:
    """Return the decorator that adds an option with a translated help."""
    return click.option(*names, cls=Option, help=help, **attributes)


# --- the options of crmkit itself ------------------------------------------------------------------------------------


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value in (None, False):
            return
        invocation = ctx.find_object(Invocation)
        if invocation is not None:
            setattr(invocation, name, value)

    return callback


def common_options(*, at_root: bool = False) -> list[Option]:
    """Return the options that every command takes: before its name, or after it, where the help leaves them out.

    ``--as`` is another name of ``--user`` at the root alone, as some commands have an ``--as`` of their own.
    """
    made: list[tuple[tuple[str, ...], str, Text, dict[str, Any]]] = [
        (
            ("--home",),
            "home_option",
            _("Folder of the installation; else CRMKIT_HOME, else the current folder if it is one."),
            {"metavar": "DIR", "type": click.Path(file_okay=False)},
        ),
        (
            ("--user", "--as") if at_root else ("--user",),
            "user",
            _("Login of the user who acts, with the password or CRMKIT_TOKEN; else the command line itself."),
            {"metavar": "LOGIN"},
        ),
        (("--language",), "language_option", _("Language of messages: en or zh_Hans."), {"metavar": "TAG"}),
        (("--json",), "json", _("Print one JSON document."), {"is_flag": True}),
        (("--quiet", "-q"), "quiet", _("Print no messages and no progress, only data and errors."), {"is_flag": True}),
        (("--no-color",), "no_color", _("Print without colour."), {"is_flag": True}),
    ]
    return [
        Option(
            list(names),
            help=text,
            hidden=not at_root,
            expose_value=False,
            is_eager=True,
            callback=_keep(attribute),
            **attributes,
        )
        for names, attribute, text, attributes in made
    ]


def add_common(command: click.Command) -> None:
    """Let a command, and the commands of a group that is loaded, take the options of crmkit itself.

    An option of the command's own with the same name stands.
    """
    taken = {name for item in command.params for name in item.opts}
    command.params.extend(item for item in common_options() if not taken & set(item.opts))
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            add_common(inner)
