"""What is added to pages while somebody writes a plugin: one script, and nothing to anything else."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from crmkit.web.serving.refreshing import SCRIPT, TOKEN, Refreshing

PAGE = "<html><body><p>Tea &lt;/body&gt;</p></body></html>"


def page(request: Request) -> Response:
    """Answer with a whole page."""
    return HTMLResponse(PAGE)


def parts(request: Request) -> Response:
    """Answer with a page in parts, one of which ends within the mark."""
    return StreamingResponse(iter([PAGE[:-10], PAGE[-10:]]), media_type="text/html")


def data(request: Request) -> Response:
    """Answer with what is no page."""
    return JSONResponse({"text": PAGE})


def piece(request: Request) -> Response:
    """Answer with a part of a page, as it is asked for by a page."""
    return HTMLResponse("<li>Tea</li>")


@pytest.fixture
def client() -> TestClient:
    """A client of an application that compresses what it may."""
    views = (page, parts, data, piece)
    app = Starlette(routes=[Route(f"/{view.__name__}", view) for view in views])
    app.add_middleware(GZipMiddleware, minimum_size=1)
    return TestClient(Refreshing(app))


@pytest.mark.parametrize("path", ["/page", "/parts"])
def test_a_page_has_the_script(client: TestClient, path: str) -> None:
    """At its end, once, and its length is right."""
    answer = client.get(path)
    assert answer.text == PAGE[:-14] + f'<script src="{SCRIPT}" defer></script></body></html>'
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(("path", "text"), [("/data", f'{{"text":"{PAGE}"}}'), ("/piece", "<li>Tea</li>")])
def test_anything_else_stays_as_it_is(client: TestClient, path: str, text: str) -> None:
    """Data, and parts of pages."""
    assert client.get(path).text == text


def test_asking_for_the_head_has_no_body(client: TestClient) -> None:
    """And is answered."""
    answer = client.head("/page")
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_token_is_the_servers(client: TestClient) -> None:
    """It stays the same for one server, and is another one for another."""
    token = client.get(TOKEN).text
    assert client.get(TOKEN).text == token
    assert TestClient(Refreshing(Starlette())).get(TOKEN).text != token
    assert client.get(SCRIPT).headers["content-type"].startswith("text/javascript")
