"""A server for whoever writes a plugin: started anew whenever a file of it changes, so that each change shows at once.

The server runs as a process of its own, under this one; what is wrong with a change is said by it, as at any start.
Plugins are looked for without being imported here. Must not know what is served.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from attrs import define, field

from crmkit.errors import MissingExtra
from crmkit.i18n import texts

_ = texts("crmkit")

LOOK = 0.4
"""Seconds between two looks at what no system tells of: the settings, and whether the server runs."""
ENDING = 10.0
"""Seconds for which requests and the job at hand may go on before the server is started anew."""


def source_folders() -> list[Path]:
    """Return the folders of crmkit and of the plugins that are installed from where they are written (``pip install
    -e``); what lies among the installed libraries does not change."""
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    packages = {point.value.partition(":")[0].partition(".")[0] for point in metadata.entry_points(group=_GROUP)}
    found: set[Path] = set()
    for package in {"crmkit", *packages}:
        with contextlib.suppress(ImportError, ValueError):
            spec = importlib.util.find_spec(package)
            locations = spec.submodule_search_locations if spec is not None else None
            found.update(Path(each).resolve() for each in locations or ())
    return sorted(each for each in found if each.is_dir() and not any(each.is_relative_to(all_) for all_ in installed))


@define(kw_only=True)
class Supervisor:
    """Keeps a server running: ``command`` starts it, ``settings`` is a file that it reads, if any, and ``say`` is told
    what happens, in words for whoever sits there: the files that have changed, or the exit code of a server that has
    ended by itself."""

    command: Sequence[str]
    settings: Path | None
    changed: Callable[[Sequence[Path]], None]
    ended: Callable[[int], None]
    _stop: threading.Event = field(factory=threading.Event)
    _server: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises MissingExtra without watchfiles."""
        if importlib.util.find_spec("watchfiles") is None:
            raise MissingExtra(
                _("Reloading needs {library}."),
                fix=_('Run: pip install "crmkit[reload]"'),
                extra="reload",
                library="watchfiles",
            )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_given: self._stop.set())
        try:
            while not self._stop.is_set():
                self._start()
                self._wait()
                self._end()
        finally:
            self._end()

    def _wait(self) -> None:
        """Return when something has changed, or it is to stop."""
        told = False
        before = _stamp(self.settings)
        for changes in _changes(source_folders(), self._stop):
            paths = sorted({Path(path) for path in changes})
            if self.settings is not None and _stamp(self.settings) != before:
                paths.append(self.settings)
            if paths:
                # What an editor has made and removed meanwhile is no news, unless there is nothing else.
                self.changed([path for path in paths if path.exists()] or paths)
                return
            code = self._server.poll() if self._server is not None else None
            if code is not None and not told:
                self.ended(code)
                told = True

    def _start(self) -> None:
        # A session of its own: Ctrl-C is this process's to answer. The pipe says to the server that this one is gone.
        command = list(self.command)
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603

    def _end(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        with contextlib.suppress(OSError):
            server.terminate()
        try:
            server.wait(ENDING)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        if server.stdin is not None:
            server.stdin.close()


def end_with_parent() -> None:
    """End this process, as SIGTERM does, once the one that has started it is gone, however that went."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="crmkit-parent", daemon=True).start()


_GROUP = "crmkit.plugins"


def _changes(folders: Sequence[Path], stop: threading.Event) -> Iterator[list[str]]:
    """Yield the files that have changed, a batch at a time, and nothing every now and then."""
    from watchfiles import watch

    if not folders:
        while not stop.wait(LOOK):
            yield []
        return
    looks = watch(
        *folders, stop_event=stop, rust_timeout=int(LOOK * 1000), yield_on_timeout=True, raise_interrupt=False
    )
    for changes in looks:
        yield [path for _kind, path in changes]


def _stamp(path: Path | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
