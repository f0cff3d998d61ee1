"""A real IMAP server (pymap) in a process of its own, into which tests put mails."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

from attrs import define

USER, PASSWORD = "ada", "s3cret pass"


@define
class ImapServer:
    """A server with one account."""

    port: int
    line: imaplib.IMAP4 | None = None

    def connected(self) -> imaplib.IMAP4:
        """Return a connection that is signed in, the same each time: signing in takes the server a second."""
        if self.line is None:
            self.line = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
            self.line.authenticate("PLAIN", lambda _challenge: f"\0{USER}\0{PASSWORD}".encode())
        return self.line

    def make(self, folder: str) -> None:
        """Make a folder."""
        self.connected().create(folder)

    def remove(self, folder: str) -> None:
        """Remove a folder with what is in it."""
        self.connected().delete(folder)

    def put(self, folder: str, *mails: bytes) -> None:
        """Put mails into a folder."""
        for raw in mails:
            assert self.connected().append(folder, "", None, raw)[0] == "OK"

    def unseen(self, folder: str) -> int:
        """Return how many mails nobody has marked as read."""
        line = self.connected()
        line.select(folder, readonly=True)
        found = len(line.uid("SEARCH", "UNSEEN")[1][0].split())
        line.close()
        return found

    def delete(self, folder: str, place: int) -> None:
        """Delete a mail by its place in a folder, from 1 on."""
        line = self.connected()
        line.select(folder)
        line.store(str(place), "+FLAGS", "\\Deleted")
        line.expunge()
        line.close()


@contextmanager
def imap_server() -> Generator[ImapServer]:
    """Serve IMAP on a port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin", "dict", "--demo-data"]
    program = "from pymap.main import main; main()"
    account = ["--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *given, *account], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.05)
        found = ImapServer(port=port)
        yield found
        if found.line is not None:
            found.line.logout()
    finally:
        process.terminate()
        process.wait(10)
