"""Requests as nobody means them: paths, methods, headers, media types, encodings and forms of every kind.

Whatever comes is answered, and never by an error of the server's own. Ten thousand at full size.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from crmkit.web.rest.table import Table
from tests.web.conftest import Web
from tests.web.rest.callers import Callers, calling

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "X")
ODD = (
    "",
    " ",
    ".",
    "..",
    "...",
    "%00",
    "%2e%2e%2f",
    "%ff",
    "%c3%28",
    "%F0%9F%92%A9",
    "a" * 3000,
    "{id}",
    "{}",
    "null",
    "*",
    "0197a1b2-0000-7000-8000-000000000000",
    "0197a1b2",
    "-1",
    "1e999",
    "9" * 40,
    "'; DROP TABLE crm_customer; --",
    "<svg/onload=x>",
    "\u202e",
    "\u0000",
    "\ud83d\ude00",
    "上海",
    "${7*7}",
    "{{7*7}}",
    "|id",
    "%",
    "&",
    "=",
    "\t",
    "\n",
    "a\r\nSet-Cookie: x=y",
    "NaN",
    "Infinity",
    "true",
    "[]",
    '{"a":1}',
    "\\",
    "//",
    "%252e",
    "?",
    "#",
    "+",
    "0x10",
    "1_000",
    "１２",
    "İ",
    "ß",
    "\u200b",
)
HEADERS = (
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Content-Encoding",
    "Content-Length",
    "Cookie",
    "Host",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "Sec-Fetch-Site",
    "Transfer-Encoding",
    "X-CSRF-Token",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Request-Id",
    "X-HTTP-Method-Override",
    "Expect",
    "Upgrade",
    "Forwarded",
    "Hx-Request",
)
MEDIA = (
    "application/json",
    "application/json; charset=utf-16",
    "application/json;charset=",
    "text/csv",
    "text/csv; header=present",
    "application/x-ndjson",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    'multipart/form-data; boundary="',
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "application/gzip",
    "text/html",
    "a/b/c",
    ";;;",
    "*/*",
    "application/merge-patch+json",
    "image/svg+xml",
    "\u00ff",
)
BODIES = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b"{",
    b"}",
    b'"x',
    b"\x00" * 50,
    b"[" * 5000,
    b'{"a":' * 2000,
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000"}',
    b'{"name": NaN}',
    b'{"name": 1e400}',
    b'{"name": "x", "name": "y"}',
    b'name\n"unclosed\n',
    b"name,email\n" + b"x" * 100_000,
    b"name\r\r\rAnn\r",
    b"\x1f\x8b\x08\x00broken",
    b"PK\x03\x04broken",
    b"name;;;\n;;;",
    "name\nZoë".encode("utf-16"),
    "姓名\n王".encode("gb18030"),
    b'{"id":1}\n{bad}\n[]\nnull\n',
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../etc/passwd"\r\n\r\nx\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data\r\n\r\n",
    b"--x--",
    b"a=b&a=c&%zz=1",
    json.dumps({"name": "x" * 100_000}).encode(),
    json.dumps([{"name": ["x"]}] * 3).encode(),
    json.dumps({"input": {"name": {"$ne": None}}, "target": []}).encode(),
)


@pytest.fixture
def api(sqlite_web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callers]:
    """The API of a customer base of this test alone."""
    monkeypatch.setattr("crmkit.web.rest.limits.before", lambda call, endpoint: None)
    with calling(sqlite_web) as found:
        yield found


def test_whatever_comes_is_answered(api: Callers, scale: Any) -> None:
    """No request ends in an error of the server's own, and every refusal is a problem document."""
    draw = random.Random(20_260)
    endpoints = Table(api.crm.registry).endpoints
    client = TestClient(
        api.crm.asgi(), base_url="http://localhost", raise_server_exceptions=True, follow_redirects=False
    )
    failed: list[str] = []
    for number in range(scale(small=400, full=10_000)):
        method, path, headers, body = _drawn(draw, api, endpoints)
        try:
            answer = client.request(method, path, headers=headers, content=body)
        except (UnicodeEncodeError, ValueError) as error:
            # What the client itself does not send, or an error that came out of the application.
            if "crmkit" in repr(error.__traceback__ and error.__traceback__.tb_frame.f_code.co_filename):
                failed.append(f"{number} {method} {path[:80]!r}: {error!r}")
            continue
        if answer.status_code >= 500 and answer.status_code != 501:
            failed.append(
                f"{number} {method} {path[:80]!r} {headers} {body[:80]!r}: {answer.status_code} {answer.text[:200]}"
            )
        elif answer.status_code >= 400 and answer.content and path.startswith("/api/v1/") and "/.." not in path:
            # Elsewhere, and where two dots lead, there are pages.
            media = answer.headers["content-type"]
            named = set(answer.json()) if media == "application/problem+json" else set[str]()
            if not named >= {"type", "title", "status", "code", "detail"}:
                failed.append(f"{number} {method} {path[:80]!r}: {answer.status_code} {media}")
    assert not failed, "\n".join(failed)


def _drawn(draw: random.Random, api: Callers, endpoints: Any) -> tuple[str, str, Mapping[str, str], bytes]:
    endpoint = draw.choice(endpoints)
    method = endpoint.method if draw.random() < 0.7 else draw.choice(METHODS)
    segments = [draw.choice(ODD) if part.startswith("{") else part for part in endpoint.path.split("/")]
    if draw.random() < 0.15:
        segments[draw.randrange(len(segments))] = draw.choice(ODD)
    path = "/api/v1" + "/".join(_plain(part) for part in segments)
    if draw.random() < 0.5:
        known = [each.name for each in endpoint.parameters] + ["limit", "x", "", "filter"]
        pairs = [f"{_plain(draw.choice(known))}={_plain(draw.choice(ODD))}" for _pair in range(draw.randint(1, 3))]
        path += "?" + "&".join(pairs)
    headers = {"authorization": f"Bearer {api.token(draw.choice(('ada', 'mia', 'sam')))}"}
    headers["content-type"] = draw.choice(MEDIA) if draw.random() < 0.5 else endpoint.media[0]
    for _header in range(draw.choice((0, 0, 1, 3))):
        headers[draw.choice(HEADERS).lower()] = draw.choice((*ODD, *MEDIA))
    clean = {name: "".join(char for char in each if 31 < ord(char) < 256) for name, each in headers.items()}
    clean = {name: each.encode("latin-1").decode("latin-1") for name, each in clean.items() if name != "content-length"}
    return method, path, clean, draw.choice(BODIES)


def _plain(text: str) -> str:
    """Return a part of an address in the characters that one may have, other ones in their percent form."""
    from urllib.parse import quote

    return quote(text.encode("utf-8", "surrogatepass"), safe="%{}[]'();*:@+$,!~._-\\|<>^`\"")
