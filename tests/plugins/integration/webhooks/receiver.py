"""A receiver of web-hooks in a process of its own, which verifies what comes by the package ``standardwebhooks``.

Its settings are a file of JSON that it reads anew with each message: ``secret``, ``fail`` (share of messages that it
answers by 503), ``status`` (what it answers instead), ``bad`` (customers whose messages it refuses), ``wait`` (seconds
before it answers), ``headers``. What it gets is written to a file, one line of JSON each, before it is answered.
"""

from __future__ import annotations

import http.server
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook


class Handler(http.server.BaseHTTPRequestHandler):
    """Verifies, writes down, answers."""

    protocol_version = "HTTP/1.1"
    folder: Path
    lock = threading.Lock()
    chance = random.Random(7)

    def do_POST(self) -> None:
        """Take one message."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        wanted = json.loads((self.folder / "settings.json").read_text())
        headers = {name.lower(): value for name, value in self.headers.items()}
        entry: dict[str, Any] = {"path": self.path, "headers": headers, "body": body.decode(), "at": time.time()}
        try:
            entry["message"] = Webhook(wanted["secret"]).verify(body.decode(), headers)
            entry["verified"] = True
        except Exception as error:
            entry |= {"verified": False, "error": type(error).__name__}
        status = self._status(entry, wanted)
        entry["status"] = status
        if wanted.get("wait"):
            time.sleep(wanted["wait"])
        with self.lock, (self.folder / "got.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")
        self.send_response(status)
        for name, value in wanted.get("headers", {}).items():
            self.send_header(name, value)
        answer = b"a secret of the receiver"
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _status(self, entry: Mapping[str, Any], wanted: Mapping[str, Any]) -> int:
        if not entry["verified"]:
            return 401
        if wanted.get("status"):
            return int(wanted["status"])
        data = entry["message"]["data"]
        about = {str(data.get("customer_id")), *map(str, data.get("customer_ids") or ())}
        if about & set(wanted.get("bad", ())):
            return 500
        with self.lock:
            return 503 if self.chance.random() < wanted.get("fail", 0) else 204

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class Receiver:
    """The process, as its tests see it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.wants(secret="whsec_" + "A" * 43 + "=")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.plugins.integration.webhooks.receiver", str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def wants(self, **settings: Any) -> None:
        """Change the settings; those that are not named stay."""
        path = self.folder / "settings.json"
        before = json.loads(path.read_text()) if path.exists() else {}
        fresh = self.folder / "settings.new"
        fresh.write_text(json.dumps({**before, **settings}))
        fresh.replace(path)

    def got(self) -> list[dict[str, Any]]:
        """Return what has come, in its order."""
        path = self.folder / "got.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def taken(self) -> list[dict[str, Any]]:
        """Return the messages that were verified and taken."""
        return [each["message"] for each in self.got() if each["status"] == 204]

    def forget(self) -> None:
        """Forget what has come."""
        (self.folder / "got.jsonl").unlink(missing_ok=True)

    def end(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def main() -> None:
    """Serve until the process is ended; the port is the first line that is printed."""
    Handler.folder = Path(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
