"""Pages that load themselves anew once the server is another one: for whoever writes a plugin, and nobody else.

Must not know what is served.
"""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT = "/crmkit-reloading.js"
TOKEN = "/crmkit-reloading"  # noqa: S105 - an address
_MARK = b"</body>"
_TAG = f'<script src="{SCRIPT}" defer></script>'.encode()
_JS = f"""(() => {{
  let known;
  const ask = async () => {{
    try {{
      const answer = await fetch("{TOKEN}", {{ cache: "no-store" }});
      const now = answer.ok ? await answer.text() : known;
      if (known && known !== now) return location.reload();
      known = now;
    }} catch {{}}
    setTimeout(ask, 500);
  }};
  ask();
}})();
"""


class Refreshing:
    """The application with a script in each page that asks whether the server is still the same."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._token = str(time.time_ns())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] in (SCRIPT, TOKEN):
            script = scope["path"] == SCRIPT
            media = "text/javascript" if script else "text/plain"
            headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
            answer = Response(_JS if script else self._token, headers=headers, media_type=media)
            await answer(scope, receive, send)
        else:
            # A page that comes compressed could not be added to.
            plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
            await self._app({**scope, "headers": plain}, receive, _Adding(send).send)


class _Adding:
    """Holds a page back until all of it is there, and adds the script to it; anything else passes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Send on what the application sends."""
        if message["type"] == "http.response.start" and _is_page(message["headers"]):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)
        else:
            await self._send(message)

    async def _send_page(self, start: Message) -> None:
        before, mark, after = self._body.rpartition(_MARK)
        body = before + _TAG + mark + after if mark else self._body
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        # An answer to HEAD has the length of the page, and none of it.
        if self._body:
            headers.append((b"content-length", str(len(body)).encode()))
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(headers: Any) -> bool:
    found = {name.lower(): value for name, value in headers}
    return found.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in found
