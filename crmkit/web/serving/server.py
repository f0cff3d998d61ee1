"""The server: granian's processes around the application, one listening socket for all of them.

The socket is opened once and shared, so that a process can be replaced (SIGHUP) without losing a connection that waits;
on SIGTERM processes answer what they have begun. Must not know what is served.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import evolve

from crmkit.errors import ConfigurationError, MissingExtra
from crmkit.i18n import texts
from crmkit.settings import Settings
from crmkit.web.serving.options import ServeOptions, check_options

_ = texts("crmkit")

PORTS = 20
"""How many ports are tried from the first on."""
STOPPING = 60
"""Seconds for which requests and the job at hand may go on after SIGTERM."""
REPLACING = 1.0
"""Seconds that the old process goes on beside the new one, until that has opened the installation."""


def choose_port(options: ServeOptions) -> ServeOptions:
    """Return the options with a port that is free. Raises ConfigurationError when it, or all that may be tried, is
    taken."""
    last: OSError | None = None
    for port in range(options.port, options.port + (PORTS if options.first_free else 1)):
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((options.host, port))
            except OSError as error:
                last = error
                if error.errno in (errno.EADDRINUSE, errno.EACCES) and options.first_free:
                    continue
                break
            return evolve(options, port=port)
    taken = last is not None and last.errno == errno.EADDRINUSE
    raise ConfigurationError(
        _("Port {port} of {host} is taken.") if taken else _("{host}:{port} cannot be listened on: {reason}."),
        fix=_("Choose another one: --port N"),
        host=options.host,
        port=options.port,
        reason=last.strerror if last is not None else "",
    )


def serve(
    read: Callable[[], Settings], options: ServeOptions, *, quiet: bool = False, ready: Callable[[], None] | None = None
) -> None:
    """Serve an installation until SIGTERM or SIGINT; SIGHUP replaces the processes one after the other.

    ``read`` reads the settings: each process does, so that a replaced one has the present ones. ``ready`` is called
    once the socket listens. Raises ConfigurationError for what is not safe, MissingExtra without granian.
    """
    check_options(read(), options)
    server_class, asgi = _server()
    level = logging.WARNING if quiet else logging.INFO
    folder = tempfile.mkdtemp(prefix="crmkit-metrics-")
    # Before the library of metrics is imported anywhere: the processes read it while they import it.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    try:
        server = server_class(
            "crmkit",
            address="127.0.0.1" if options.host == "localhost" else options.host,
            port=options.port,
            interface=asgi,
            workers=options.workers,
            websockets=False,
            log_enabled=False,
            ssl_cert=options.certificate,
            ssl_key=options.key,
            respawn_failed_workers=True,
            respawn_interval=REPLACING,
            workers_kill_timeout=STOPPING,
            backlog=1024,
        )
        if ready is not None:
            server.on_startup(ready)
        server.serve(target_loader=partial(application, read, options, level), wrap_loader=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)


def application(read: Callable[[], Settings], options: ServeOptions, level: int) -> Any:
    """Return the application of a process; this is the first that is called in it."""
    from crmkit.app import CRM
    from crmkit.web.serving import logs
    from crmkit.web.serving.application import Served

    settings = read()
    tracebacks = options.refresh and not settings.production
    logs.set_up(logs.form_for(options.logs), level=level, tracebacks=tracebacks)
    tracing = None
    if options.telemetry:
        from crmkit.web.serving.telemetry import tracing as make_tracing

        tracing = make_tracing()
    served = Served(
        settings,
        lambda: CRM.open(read()),
        threads=options.threads,
        jobs=options.works_jobs(settings),
        tracing=tracing,
    )
    if not options.refresh:
        return served
    from crmkit.web.serving.refreshing import Refreshing

    return Refreshing(served)


def _server() -> tuple[Any, Any]:
    try:
        from granian.constants import Interfaces
        from granian.net import SocketSpec
        from granian.server import Server
    except ImportError as error:
        raise MissingExtra(_("Serving needs {library}."), extra="web", library="granian") from error

    class OneSocket(Server):
        """granian, with one socket for all processes on every system: what waits on it outlives each of them."""

        def _init_shared_socket(self) -> None:
            self._ssp = None
            self._sso = None
            self._shd = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
            self._sfd = self._shd.get_fd()
            # From now on connections wait, and need not wait for a process to have opened the installation.
            with socket.socket(fileno=os.dup(self._sfd)) as listening:
                listening.listen(self.backlog)

        def _drop_shared_socket(self) -> None:
            # Nobody connects any more, while what was begun is answered.
            self._shd = None

    return OneSocket, Interfaces.ASGI
