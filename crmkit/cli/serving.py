"""What commands that serve have in common: the installation is opened once before, so that what is wrong with it is
said where somebody reads it, then the server is started and says where it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from crmkit.cli.invocation import Invocation
from crmkit.errors import ConfigurationError, MissingExtra
from crmkit.i18n import texts
from crmkit.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from crmkit.web.serving.options import ServeOptions

_ = texts("crmkit")


def require_server() -> None:
    """Raise MissingExtra, with how to install it, where something of crmkit[web] is missing."""
    import importlib.util

    for name in ("granian", "starlette", "structlog", "prometheus_client", "multipart"):
        if importlib.util.find_spec(name) is None:
            raise MissingExtra(
                _("Serving needs {library}."), fix=_('Run: pip install "crmkit[web]"'), extra="web", library=name
            )


def start(
    cli: Invocation,
    options: ServeOptions,
    *,
    public_url: str | None = None,
    proxies: tuple[str, ...] = (),
    ready: Callable[[str], None] | None = None,
    quiet: bool = False,
) -> None:
    """Serve the installation of a call until it is stopped. ``ready`` is called with the address once it listens;
    ``quiet`` logs only what is wrong.

    Raises what opening the installation raises, ConfigurationError for what is not safe.
    """
    require_server()
    from crmkit.web.serving.options import check_options
    from crmkit.web.serving.server import choose_port, serve

    settings = cli.settings
    home = cli.home

    def read() -> Settings:
        found = Settings.from_home(home) if home is not None else settings
        given: dict[str, object] = {}
        if public_url:
            given["public_url"] = public_url
        if proxies:
            given["trusted_proxies"] = proxies
        if not given:
            return found
        known = Settings.from_mapping({"database": found.database, **given})
        return evolve(found, **{name: getattr(known, name) for name in given})

    check_options(read(), options)
    options = choose_port(options)
    assert cli.crm is not None
    if options.refresh:
        tell_what_waits(cli)
    cli.close()

    def say() -> None:
        if ready is not None:
            ready(options.url)
        elif cli.json:
            cli.output.document({"url": read().public_url or options.url, "workers": options.workers})
        else:
            cli.output.say(_("crmkit serves at {url}. Ctrl-C ends it."), url=read().public_url or options.url)
        sys.stdout.flush()

    serve(read, options, quiet=quiet or cli.quiet, ready=say)


def tell_what_waits(cli: Invocation) -> None:
    """Tell whoever writes a plugin what the database does not have yet of it: of its models, of its permissions."""
    from crmkit.lifecycle.records import never_offered, stored_plugins
    from crmkit.lifecycle.schema import check_schema

    for drift in check_schema(cli.crm, kernel=False):
        if drift.differences and not (drift.pending or drift.error):
            cli.output.warn(
                _('The models of "{name}" are not what the database has ({what}). Run: crmkit db revision {name}'),
                name=drift.name,
                what="; ".join(drift.differences[:3]),
            )
    stored = stored_plugins(cli.crm)
    for found in cli.crm.found:
        if found.manifest is not None and found.name in cli.crm.dispatcher.plugins:
            new = [each.name for each in never_offered(found.manifest, stored[found.name])]
            if new:
                cli.output.warn(
                    _('No role was given the new permissions of "{name}" yet: {what}. Run: crmkit db upgrade'),
                    name=found.name,
                    what=", ".join(new),
                )


def serve_reloading(cli: Invocation, options: ServeOptions) -> None:
    """Serve by a process that is started anew whenever a plugin or the settings change, until this one is stopped.

    That process is the present call, told that it is watched. Raises ConfigurationError in production or with several
    processes, MissingExtra without what watches.
    """
    require_server()
    from crmkit.settings import FILE
    from crmkit.web.serving.options import check_options
    from crmkit.web.serving.reloading import Supervisor, source_folders

    settings, home = cli.settings, cli.home
    if settings.production:
        raise ConfigurationError(_("In production nothing is reloaded."), fix=_("Serve without --reload."))
    if options.workers > 1:
        raise ConfigurationError(_("Reloading serves with one process."), fix=_("Leave out --workers."))
    check_options(settings, options)
    folders = source_folders()

    def changed(paths: Sequence[Path]) -> None:
        shown = ", ".join(str(_below(path, folders)) for path in paths[:3])
        more = len(paths) - 3
        text = _("Changed: {paths} and {more} more.") if more > 0 else _("Changed: {paths}.")
        cli.output.say(text, paths=shown, more=more)
        sys.stdout.flush()

    def ended(code: int) -> None:
        cli.output.warn(_("The server has ended ({code}). It is started again after the next change."), code=code)

    for folder in folders:
        cli.output.say(_("Watching {folder}."), folder=folder)
    if not folders:
        cli.output.warn(
            _("Only the settings are watched: no plugin is installed from its folder (pip install -e FOLDER).")
        )
    sys.stdout.flush()
    words = ["--reloaded" if word == "--reload" else word for word in sys.argv[1:]]
    Supervisor(
        command=[sys.executable, "-m", "crmkit", *words],
        settings=home / FILE if home is not None else None,
        changed=changed,
        ended=ended,
    ).run()


def _below(path: Path, folders: Sequence[Path]) -> Path:
    """Return a path from the package on that it is in."""
    folder = next((each for each in folders if path.is_relative_to(each)), None)
    return path if folder is None else path.relative_to(folder.parent)
