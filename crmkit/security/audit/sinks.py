"""Where checkpoints are sent: files that are only appended to, and the system's log.

Plugins that send them elsewhere subscribe to the event ``audit.checkpointed``. Must not know what a statement says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from attrs import frozen
from sqlalchemy.engine import make_url

from crmkit.errors import ConfigurationError
from crmkit.i18n import texts
from crmkit.settings import Settings

_ = texts("crmkit")

FILE = "checkpoints.jsonl"
Read = Callable[[str], Any]


class Sink(Protocol):
    """What takes statements. ``keeps`` says whether it can be asked what it has got."""

    keeps: bool

    def last(self, read: Read, instance: UUID) -> int:
        """Return the place of the last statement about an installation that it has got."""
        ...

    def send(self, lines: Sequence[str]) -> None:
        """Take statements. Raises OSError."""
        ...


@frozen
class FileSink:
    """A file to which each statement is appended as a line, readable for its owner alone."""

    path: Path
    keeps = True

    def lines(self) -> list[str]:
        """Return the lines of the file; of one that is not there none."""
        try:
            return [line for line in self.path.read_text("utf-8", "replace").splitlines() if line.strip()]
        except FileNotFoundError:
            return []

    def last(self, read: Read, instance: UUID) -> int:
        """Return the place of the last statement about an installation that holds."""
        for line in reversed(self.lines()):
            found = read(line)
            if found is not None and found.instance == instance:
                return int(found.seq)
        return 0

    def send(self, lines: Sequence[str]) -> None:
        """Append statements, and wait until they are on the disk. Raises OSError."""
        if not lines:
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, "".join(f"{line}\n" for line in lines).encode())
            os.fsync(handle)
        finally:
            os.close(handle)


@frozen
class SyslogSink:
    """The system's log, here or on another machine (by UDP)."""

    address: str | tuple[str, int]
    keeps = False

    def last(self, read: Read, instance: UUID) -> int:
        """Return 0: what was sent is not asked for again."""
        return 0

    def send(self, lines: Sequence[str]) -> None:
        """Send statements. Raises OSError."""
        import logging
        from logging.handlers import SysLogHandler

        class Raising(SysLogHandler):
            def handleError(self, record: logging.LogRecord) -> None:
                raise

        handler = Raising(address=self.address, facility=SysLogHandler.LOG_AUTHPRIV)
        try:
            for line in lines:
                handler.emit(logging.LogRecord("crmkit", logging.INFO, "", 0, f"crmkit: {line}", None, None))
        finally:
            handler.close()


def sinks_of(settings: Settings) -> tuple[Sink, ...]:
    """Return the sinks that the settings name. Raises ConfigurationError for one that cannot be."""
    if settings.audit_sink is None:
        default = _default(settings)
        return () if default is None else (FileSink(default),)
    return tuple(
        _sink(settings, part) for item in settings.audit_sink.split(",") if (part := item.strip()) not in ("", "none")
    )


def _default(settings: Settings) -> Path | None:
    if settings.home is not None:
        return settings.home / "audit" / FILE
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(f"{Path(url.database).absolute()}-audit") / FILE


def _sink(settings: Settings, text: str) -> Sink:
    if text == "syslog":
        return SyslogSink("/dev/log")
    if text.startswith("syslog:"):
        host, _colon, port = text.removeprefix("syslog:").rpartition(":")
        if not host or not port.isdigit():
            raise ConfigurationError(
                _('The setting "{name}" cannot be {value}.'),
                fix=_("Name the machine and the port, as in syslog:logs.example.com:514."),
                name="audit_sink",
                value=text,
            )
        return SyslogSink((host, int(port)))
    path = Path(text).expanduser()
    return FileSink(path if settings.home is None else settings.home / path)
