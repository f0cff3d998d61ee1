"""Requests that are wrong in every way: each is answered, none is the server's fault, none is believed."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Scale
from tests.web.conftest import Web
from tests.web.rest.support import Caller, caller

BODIES: list[tuple[bytes, int, str]] = [
    (b"", 422, "A name is required."),
    (b"{", 400, "line 1, column 2"),
    (b"nul", 400, "not JSON"),
    (b"\xff\xfe{}", 400, "not UTF-8"),
    (b'{"name": "a", "name": "b"}', 400, '"name" is given twice'),
    (b'{"name": "a", "custom": {"x": 1, "x": 2}}', 400, '"x" is given twice'),
    (b'{"size": NaN}', 400, "no NaN"),
    (b'{"size": -Infinity}', 400, "no -Infinity"),
    (b'{"size": 1e999}', 400, "too large"),
    (b'{"size": ' + b"9" * 50 + b"}", 400, "too large"),
    (b'{"size": ' + b"9" * 5000 + b"}", 400, "too large"),
    (b'{"name": "a", "size": 99999999999}', 422, "at most"),
    (b"[" * 100_000, 400, "nested too deeply"),
    (b'{"custom": ' + b'{"a":' * 60 + b"1" + b"}" * 61, 400, "nested too deeply"),
    (b"[]", 422, "JSON object"),
    (b'"name"', 422, "JSON object"),
    (b"null", 422, "JSON object"),
    (b'{"name": "\\u0000"}', 422, "cannot be stored"),
    (b'{"name": "\\ud800"}', 422, "cannot be stored"),
    (b'{"name": ["a"]}', 422, "must be text"),
    (b'{"name": true}', 422, "must be text"),
    (b'{"name": {"a": 1}}', 422, "must be text"),
    (b'{"name": ""}', 422, ""),
    (b'{"name": "' + b"x" * 2000 + b'"}', 422, "longer than"),
]


@pytest.mark.parametrize(("body", "status", "says"), BODIES)
def test_a_body_that_is_wrong_is_said_to_be(sample: Web, body: bytes, status: int, says: str) -> None:
    """JSON is read strictly, and its values are of the types that the documentation says."""
    ada = caller(sample, "ada")
    answer = ada("POST", "/customer", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in " ".join([answer.json()["detail"], *(error["message"] for error in answer.json()["errors"])])


def test_a_body_that_is_too_long_is_not_read(sample: Web) -> None:
    """Whether its length is said or not."""
    ada, form = caller(sample, "ada"), {"Content-Type": "application/json"}
    said = ada("POST", "/customer", content=b'"' + b"x" * 2_000_000, headers=form)
    unsaid = ada("POST", "/customer", content=iter([b'"'] + [b"x" * 100_000] * 20), headers=form)
    for answer in (said, unsaid):
        assert (answer.status_code, answer.json()["code"]) == (413, "CK953")


# --- made by lot -----------------------------------------------------------------------------------------------------

TEXTS = [
    "", " ", "\x00", "\ud800", "é", "上海", "' OR 1=1 --", '"', "\\", "%", "%s", "{0}", "{name}", "${x}", "../../etc",
    "<script>alert(1)</script>", "a" * 300, "\u202e", "\r\nX: y", "-1", "1e9", "null", "true", "[]", "{}",
    "0197a1b2-0000-7000-8000-000000000000", "2026-02-30", "9999-12-31T23:59:59.999999-23:59",
    "00000000-0000-0000-0000-000000000000",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, 0, -1, 2**31, 2**63, 2**64, 1.5, -0.0, 1e308, [], {}, [[]], [None], {"a": None}, ["x"] * 50, *TEXTS,
]  # fmt: skip
METHODS = ["GET", "GET", "POST", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "BREW"]
HEADERS = [
    "Accept", "Accept-Language", "Content-Type", "If-Match", "If-None-Match", "X-Request-Id", "Range",
    "Idempotency-Key", "Content-Encoding", "X-Forwarded-For", "Cookie",
]  # fmt: skip


class Dice:
    """Draws what is sent, from a number: the same one each time."""

    def __init__(self, seed: int, web: Web) -> None:
        self.random = random.Random(seed)
        self.paths = [
            each
            for name in sorted(web.crm.registry.resources)
            for each in (f"/{name}", f"/{name}/{{id}}", f"/{name}/{{id}}/{{verb}}")
        ]
        self.operations = sorted(web.crm.registry.operations)
        self.ids = [str(each) for each in web.customers.values()]

    def path(self) -> str:
        """Return an address, known or not."""
        pick = self.random.random()
        if pick < 0.1:
            return "/" + "/".join(quote(self._text(), safe="") for _part in range(self.random.randrange(4)))
        if pick < 0.3:
            return f"/operations/{self.random.choice(self.operations)}"
        chosen = self.random.choice([*self.paths, "/customer", "/customer/{id}", "/me", "/openapi.json", "/docs"])
        verb = self.random.choice(["tag", "update", "reveal", "no_such", "%00"])
        identity = self.random.choice([*self.ids, quote(self._text(), safe="")])
        return chosen.replace("{id}", identity).replace("{verb}", verb)

    def _text(self) -> str:
        return self.random.choice(TEXTS).replace("\ud800", "?")

    def query(self) -> str:
        """Return a query, well written or not."""
        names = ["filter", "q", "sort", "limit", "after", "fields", "expand", "count", "deleted", "x", "", "fi lter"]
        pairs = [
            f"{quote(self.random.choice(names))}={quote(self._text(), safe='')}"
            for _n in range(self.random.randrange(4))
        ]
        return "&".join([*pairs, *self.random.choice([[], ["%ff=%fe"], ["&&"], ["a;b"], ["="]])])

    def body(self) -> bytes:
        """Return a body: JSON of any shape, or what is none."""
        pick = self.random.random()
        if pick < 0.2:
            return bytes(self.random.randrange(256) for _byte in range(self.random.randrange(40)))
        names = [
            "name",
            "kind",
            "city",
            "size",
            "custom",
            "contact_points",
            "target",
            "version",
            "input",
            "fields",
            "x",
        ]
        value = {self.random.choice(names): self.random.choice(VALUES) for _n in range(self.random.randrange(4))}
        if pick < 0.5:
            value = {"target": self.random.choice([*self.ids, *VALUES]), "input": value}
        return json.dumps(value).encode("utf-8", "surrogatepass")

    def headers(self) -> dict[str, str]:
        """Return headers that nobody would send."""
        chosen = {self.random.choice(HEADERS): self._header() for _n in range(self.random.randrange(3))}
        chosen.setdefault("Content-Type", "application/json")
        return chosen

    def _header(self) -> str:
        usual = ["application/json", '"v1-0"', "*", "gzip", "en;q=x", "bytes=0-1", "text/html"]
        text = self.random.choice([*usual, *TEXTS])
        return "".join(char for char in text if " " <= char <= "~")


def thrown(who: Caller, dice: Dice) -> Any:
    """Send one request that was drawn."""
    method, path, query = dice.random.choice(METHODS), dice.path(), dice.query()
    body = dice.body() if method in ("POST", "PATCH", "PUT", "DELETE") else b""
    return who(method, f"{path}?{query}" if query else path, headers=dice.headers(), content=body)


def test_no_malformed_request_is_the_servers_fault(sqlite_web: Web, scale: Scale) -> None:
    """Whatever is sent, by whomever: an answer below 500, and a problem document with a code where it is a refusal."""
    callers = [caller(sqlite_web, login) for login in ("ada", "sam", "ann", None)]
    wrong: list[tuple[int, int, str]] = []
    for seed in range(scale(small=300, full=10_000)):
        answer = thrown(callers[seed % 4], Dice(seed, sqlite_web))
        problem = answer.status_code >= 400 and answer.request.method != "HEAD"
        if answer.status_code >= 500 or (problem and not answer.json().get("code", "").startswith("CK")):
            wrong.append((seed, answer.status_code, answer.text[:200]))
    assert wrong == []
