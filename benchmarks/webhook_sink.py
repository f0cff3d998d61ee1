"""A receiver that takes every post and says nothing, in a process of its own; its port is the first line it prints."""

from __future__ import annotations

import http.server
import sys
from typing import Any


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes posts."""

    def do_POST(self) -> None:
        """Read and answer."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """Takes many connections at once."""

    request_queue_size = 128


def main() -> None:
    """Serve until the process is ended."""
    server = Server(("127.0.0.1", 0), Sink)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
