"""A robot as Feishu runs it, on this machine: it checks the time and the signature of whatever it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from attrs import define, field

SECRET = "kT7mV2sQ9"


@define
class Group:
    """A group with a robot: what came, and what is answered instead of judging it."""

    port: int = 0
    secret: str = SECRET
    posts: list[dict[str, Any]] = field(factory=list)
    answers: list[tuple[int, Any]] = field(factory=list)

    @property
    def url(self) -> str:
        """The robot's address."""
        return f"http://127.0.0.1:{self.port}/open-apis/bot/v2/hook/0b1c"

    def take(self, path: str, raw: bytes) -> tuple[int, Any]:
        """Judge a message as the real robot does, from its documentation and not from the plugin's code."""
        if self.answers:
            return self.answers.pop(0)
        if not path.endswith("/hook/0b1c"):
            return 200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
        if len(raw) > 20 * 1024:
            return 400, {"code": 9499, "msg": "Bad Request"}
        document = json.loads(raw)
        sent = str(document.get("timestamp", "0"))
        expected = hmac.new(f"{sent}\n{SECRET}".encode(), digestmod=hashlib.sha256).digest()
        if abs(time.time() - int(sent)) > 3600 or document.get("sign") != base64.b64encode(expected).decode():
            return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        self.posts.append(document["content"]["post"]["zh_cn"])
        return 200, {"code": 0, "msg": "success", "data": {}}


@pytest.fixture
def group() -> Iterator[Group]:
    """A group whose robot listens on a port of its own."""
    found = Group()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            status, document = found.take(self.path, raw)
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given: Any) -> None:
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
