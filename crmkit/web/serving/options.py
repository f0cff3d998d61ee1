"""How an installation is served, and what is refused before anything listens.

Must not know the server or the database.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal

from attrs import frozen

from crmkit.errors import ConfigurationError
from crmkit.i18n import texts
from crmkit.settings import Settings

_ = texts("crmkit")

Logs = Literal["auto", "json", "text"]
PORT = 8000
THREADS = 12
"""Requests that a process answers at a time: a little less than PostgreSQL's connections of one process."""


@frozen(kw_only=True)
class ServeOptions:
    """How an installation is served.

    ``threads`` is the number of requests that each of the ``workers`` answers at a time. ``jobs`` says whether jobs are
    carried out beside: None where one process serves an SQLite file, which has nobody else to do it. ``behind_proxy``
    states that a proxy encrypts what comes over the network. ``first_free`` takes another port when ``port`` is taken.
    ``refresh`` lets pages load themselves anew once the server was started anew, for whoever writes a plugin.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    workers: int = 1
    threads: int = THREADS
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    jobs: bool | None = None
    logs: Logs = "auto"
    telemetry: bool = False
    first_free: bool = False
    refresh: bool = False

    @property
    def local(self) -> bool:
        """Say whether only this machine can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def url(self) -> str:
        """Return the address as somebody at this machine types it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        named = "localhost" if self.host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host  # noqa: S104
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{named}:{self.port}"

    def works_jobs(self, settings: Settings) -> bool:
        """Say whether each process carries out jobs as well."""
        if self.jobs is not None:
            return self.jobs
        return self.workers == 1 and settings.database.startswith("sqlite")


def check_options(settings: Settings, options: ServeOptions) -> None:
    """Return when it is safe to listen. Raises ConfigurationError saying what to do."""
    if (options.certificate is None) != (options.key is None):
        raise ConfigurationError(
            _("A certificate and its key belong together."), fix=_("Give both --certificate and --key.")
        )
    for path in (options.certificate, options.key):
        if path is not None and not path.is_file():
            raise ConfigurationError(_("There is no file {path}."), path=path)
    if not options.local and options.certificate is None and not options.behind_proxy:
        raise ConfigurationError(
            _("On {host} others could read what is sent."),
            fix=_("Give --certificate and --key, or --behind-proxy where a proxy on this network encrypts it."),
            host=options.host,
        )
    if settings.production and options.behind_proxy and not settings.trusted_proxies:
        raise ConfigurationError(
            _("In production it has to be known which proxies are believed."),
            fix=_("Set trusted_proxies in the settings to the addresses of the proxy."),
        )
    if options.jobs and options.workers > 1 and settings.database.startswith("sqlite"):
        raise ConfigurationError(
            _("SQLite has one writer: several processes cannot all carry out jobs."),
            fix=_("Serve with one process, or run crmkit worker beside."),
        )
