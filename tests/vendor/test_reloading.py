"""``crmkit serve --reload``, as whoever writes a plugin uses it."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import frozen

from crmkit.scaffold import render
from tests.vendor.wheels import CommandLine, Environment, Installed, build_wheel
from tests.web.serving.conftest import free_port


@frozen(kw_only=True)
class Desk:
    """A plugin that is installed from the folder in which it is written, and a server that watches it."""

    package: Path
    home: Path
    port: int
    process: subprocess.Popen[bytes]
    printed: Path

    def page(self, path: str) -> str:
        """Return a page, or nothing while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        return ""

    def token(self) -> str:
        """Return what pages ask for to know whether the server is still the same."""
        return self.page("/crmkit-reloading")

    def said(self) -> str:
        """Return what stands in the terminal."""
        return self.printed.read_text("utf-8")

    def until(self, wanted: Callable[[], bool]) -> None:
        """Wait until something holds. Fails when it does not in time."""
        end = time.monotonic() + 40
        while not wanted():
            assert time.monotonic() < end, self.said()[-3000:]
            time.sleep(0.1)

    def another(self, before: str) -> str:
        """Wait until a server answers that was started after another one, and return its token."""
        self.until(lambda: self.token() not in ("", before))
        return self.token()


@contextlib.contextmanager
def linked(environment: Environment, project: Path, folder: Path) -> Iterator[Path]:
    """Have a plugin installed as ``pip install -e`` does it: its metadata among the libraries, and a path to it."""
    environment.install(build_wheel(project, folder))
    (site,) = environment.folder.glob("lib/python*/site-packages")
    (package,) = project.glob("crmkit_*")
    shutil.rmtree(site / package.name)
    (site / "plugin.pth").write_text(f"{project}\n", encoding="utf-8")
    try:
        yield package
    finally:
        (site / "plugin.pth").unlink()
        environment.pip("uninstall", "--quiet", "--yes", project.name)


@pytest.fixture
def desk(installed: Installed, tmp_path: Path) -> Iterator[Desk]:
    """A new plugin, enabled, and a server that reloads."""
    project = tmp_path / "crmkit-acme-desk"
    render("acme_desk", project)
    environment, home, port, printed = installed.environment, tmp_path / "home", free_port(), tmp_path / "printed.txt"
    crmkit = CommandLine(environment=environment, ready=installed.ready, home=home)
    with linked(environment, project, tmp_path) as package:
        crmkit("init", "--yes")
        # A process that began before does not know the path.
        done = environment.run("-m", "crmkit", "--home", str(home), "plugin", "enable", "acme_desk", "--yes")
        assert done.returncode == 0, done.stderr
        words = ["-m", "crmkit", "--home", str(home), "serve", "--reload", "--port", str(port), "--logs", "text"]
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("CRMKIT_", "PYTHON"))}
        with printed.open("wb") as file:
            process = subprocess.Popen(
                [environment.python, *words], env=environ, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        desk = Desk(package=package, home=home, port=port, process=process, printed=printed)
        try:
            yield desk
        finally:
            process.terminate()
            process.wait(20)


def test_a_change_shows_by_itself(desk: Desk) -> None:
    """The server is started anew after a change, says what is wrong with one, and is back once that was mended."""
    first = desk.another("")
    assert f"Watching {desk.package}" in desk.said()
    assert '<script src="/crmkit-reloading.js" defer></script></body>' in desk.page("/sign-in")
    assert "location.reload()" in desk.page("/crmkit-reloading.js")

    # a template, which is no Python
    page = desk.package / "templates" / "due.html"
    page.write_text(page.read_text("utf-8").replace("Nothing is due", "All is done"), encoding="utf-8")
    second = desk.another(first)
    assert "Changed: crmkit_acme_desk/templates/due.html." in desk.said()

    # code that is no Python any more costs the plugin alone
    reports = desk.package / "reports.py"
    right = reports.read_text("utf-8")
    reports.write_text(right + "def broken(:\n", encoding="utf-8")
    third = desk.another(second)
    assert 'The plugin "acme_desk" is set aside' in desk.said()
    assert "SyntaxError at crmkit_acme_desk/reports.py" in desk.said()
    reports.write_text(right, encoding="utf-8")
    fourth = desk.another(third)
    assert desk.said().count("is set aside") == 1

    # settings that cannot be used leave no server, until they are mended
    settings = desk.home / "crmkit.toml"
    right = settings.read_text("utf-8")
    settings.write_text(right + "\nlanguages = 3\n", encoding="utf-8")
    desk.until(lambda: "It is started again after the next change." in desk.said())
    assert desk.token() == ""
    settings.write_text(right, encoding="utf-8")
    desk.another(fourth)

    # asked to end it leaves nobody who listens
    desk.process.terminate()
    assert desk.process.wait(20) == 0
    assert desk.token() == ""


def test_a_server_ends_with_whoever_watches() -> None:
    """Killed, the one that watches can't say so: the server notices by itself."""
    program = (
        "import time\nfrom crmkit.web.serving.reloading import end_with_parent\n"
        "end_with_parent()\nprint('up', flush=True)\ntime.sleep(60)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.readline() == b"up\n"
        server.stdin.close()
        assert server.wait(20) == -signal.SIGTERM
