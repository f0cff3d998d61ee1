"""``crmkit serve``: the pages and the API, until it is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.cli.serving import start
from crmkit.errors import HomeError
from crmkit.i18n import texts

_ = texts("crmkit")


@single(
    "serve",
    _(
        "Serve the pages and the API until SIGTERM or Ctrl-C, which lets requests and the job at hand end. SIGHUP "
        "replaces the processes one after the other. Plugins that are enabled meanwhile are taken up."
    ),
)
@option("--host", metavar="HOST", default="127.0.0.1", help=_("Address to listen on (127.0.0.1: this machine alone)."))
@option("--port", type=click.IntRange(1, 65535), metavar="N", default=8000, help=_("Port to listen on (8000)."))
@option("--workers", type=click.IntRange(1, 64), metavar="N", default=1, help=_("Processes (1)."))
@option(
    "--threads",
    type=click.IntRange(1, 256),
    metavar="N",
    default=12,
    help=_("Requests at a time in each process (12)."),
)
@option(
    "--certificate", type=click.Path(path_type=Path), metavar="FILE", help=_("TLS certificate with its chain, PEM.")
)
@option("--key", type=click.Path(path_type=Path), metavar="FILE", help=_("Private key of the certificate, PEM."))
@option("--behind-proxy", is_flag=True, help=_("A proxy in front encrypts what comes over the network."))
@option("--trusted-proxy", "proxies", multiple=True, metavar="NET", help=_("Proxy whose X-Forwarded-… are believed."))
@option("--public-url", metavar="URL", help=_("Address that links begin with, such as https://crm.example.com."))
@option(
    "--jobs/--no-jobs",
    default=None,
    help=_("Carry out jobs as well; without either where one process serves an SQLite file."),
)
@option("--logs", type=click.Choice(["auto", "json", "text"]), default="auto", help=_("Form of the logs (auto)."))
@option("--telemetry", is_flag=True, help=_("Send spans by OpenTelemetry, as its variables OTEL_… say."))
@option("--reload", is_flag=True, help=_("Start anew when a plugin or the settings change: to write plugins."))
@option("--reloaded", is_flag=True, hidden=True, help=_("Said by a server that reloads to the one it starts."))
@option("--print-unit", is_flag=True, help=_("Print the unit for systemd that serves so, and end."))
def serve(
    cli: Invocation,
    print_unit: bool,
    reload: bool,
    reloaded: bool,
    proxies: tuple[str, ...],
    public_url: str | None,
    **given: object,
) -> None:
    """Serve the installation."""
    from crmkit.web.serving.options import ServeOptions, check_options

    options = ServeOptions(**cast(Any, given), refresh=reloaded)
    if reload:
        from crmkit.cli.serving import serve_reloading

        serve_reloading(cli, options)
        return
    if reloaded:
        from crmkit.web.serving.reloading import end_with_parent

        end_with_parent()
    if print_unit:
        from crmkit.web.serving.unit import unit

        check_options(cli.settings, options)
        home = cli.home
        if home is None:
            raise HomeError(_("A unit serves an installation with a folder."), fix=_("Give --home DIR."))
        text = unit(home, _arguments(options, proxies, public_url))
        if cli.json:
            cli.output.document({"unit": text})
        else:
            click.echo(text, nl=False)
        return
    start(cli, options, public_url=public_url, proxies=proxies)


def _arguments(options: Any, proxies: tuple[str, ...], public_url: str | None) -> list[str]:
    """Return the words by which a command serves in the same way."""
    words = ["--host", options.host, "--port", str(options.port), "--workers", str(options.workers)]
    words += ["--threads", str(options.threads), "--logs", "json"]
    for name in ("certificate", "key"):
        path = getattr(options, name)
        words += [f"--{name}", str(path.absolute())] if path is not None else []
    words += ["--behind-proxy"] if options.behind_proxy else []
    words += [word for each in proxies for word in ("--trusted-proxy", each)]
    words += ["--public-url", public_url] if public_url else []
    words += [] if options.jobs is None else ["--jobs" if options.jobs else "--no-jobs"]
    return words + (["--telemetry"] if options.telemetry else [])
