"""Takes pictures of the pages of an installation in a real Chromium, to be looked at.

``python tools/screens.py HOME FOLDER`` writes a picture of every page of an administrator's menu, in both languages and
three widths; ``--readme`` writes the four of the README into ``docs/images`` instead, from the installation that
``make demo SERVE=0`` makes (``demo/crmkit-demo``).
"""

from __future__ import annotations

import argparse
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from playwright.sync_api import sync_playwright
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.access.models import User
from crmkit.core.store.actor import Actor
from crmkit.engines.search.searching import search
from crmkit.security.sessions.opening import open_session, proof_of

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
WIDTHS = (1280, 768, 375)
SETTLING_MS = 400
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}


def main() -> None:
    """Take the pictures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="the folder of an installation")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("screens"), help="where the pictures go")
    parser.add_argument("--login", help="who looks (default: the first administrator)")
    parser.add_argument("--customer", default="", help="words that find the customer who is shown")
    parser.add_argument("--readme", action="store_true", help="the four pictures of the README alone")
    arguments = parser.parse_args()
    with CRM.open(arguments.home) as crm, served(crm) as url, browser() as chromium:
        token = signed_in(crm, arguments.login)
        one = f"/customers/{somebody(crm, arguments.customer)}"
        if arguments.readme:
            filtered = urlencode({"filter": 'label.activity == "silent" and purchase.count >= 5'})
            wanted = (
                ("today", "/", "en", 1280, False),
                ("customer", one, "en", 1280, False),
                ("customers-zh", f"/customers?{filtered}", "zh", 1280, False),
                ("segment-dark", "/segments/new?start=silent_good", "en", 1280, True),
            )
            for name, path, language, width, dark in wanted:
                with page(chromium, url, token, language, width, dark=dark) as shown:
                    picture(shown, url, path, IMAGES / f"{name}.png")
            return
        for language in LANGUAGES:
            for width in WIDTHS:
                with page(chromium, url, token, language, width) as shown:
                    shown.goto(url)
                    links = shown.eval_on_selector_all("#menu a", "all => all.map(a => a.getAttribute('href'))")
                    for path in [*links, one]:
                        name = re.sub(r"[0-9a-f]{8}-[0-9a-f-]+", "one", path).strip("/").replace("/", "-") or "today"
                        picture(shown, url, path, arguments.folder / f"{language}-{width}-{name}.png")


def signed_in(crm: CRM, login: str | None) -> str:
    """Return the cookie of a new session."""
    with crm.session(Actor.system("taking pictures of the pages")) as session:
        query = select(User.id).where(User.active).order_by(User.created_at)
        user_id = session.scalars(query.where(User.login == login) if login else query).first()
    if user_id is None:
        raise SystemExit("There is no such user.")
    return open_session(crm, proof_of(crm, user_id, method="link")).token


def somebody(crm: CRM, words: str) -> Any:
    """Return the id of the customer who is shown."""
    from crmkit.core.customers.queries import CustomerQuery, page as customers

    with crm.session(Actor.system("taking pictures of the pages")) as session:
        if words:
            return search(session, words, within=("customer",)).hits[0].customer_id
        return customers(session, CustomerQuery(limit=1)).items[0].id


@contextmanager
def served(crm: CRM) -> Iterator[str]:
    """Serve the pages on a port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(crm.asgi(), host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join(10)


@contextmanager
def browser() -> Iterator[Any]:
    """Start a Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextmanager
def page(chromium: Any, url: str, token: str, language: str, width: int, *, dark: bool = False) -> Iterator[Any]:
    """Open a page as a person with a screen of some width."""
    context = chromium.new_context(
        viewport={"width": width, "height": 812 if width < 500 else 860},
        locale=LANGUAGES[language],
        color_scheme="dark" if dark else "light",
    )
    context.add_cookies(
        [
            {"name": "crmkit", "value": token, "url": url},
            {"name": "crmkit_lang", "value": "zh_Hans" if language == "zh" else "en", "url": url},
        ]
    )
    yield context.new_page()
    context.close()


def picture(shown: Any, url: str, path: str, file: Path) -> None:
    """Write a picture of a page."""
    shown.goto(f"{url}{path}", wait_until="networkidle")
    shown.wait_for_timeout(SETTLING_MS)
    file.parent.mkdir(parents=True, exist_ok=True)
    shown.screenshot(path=file)
    print(file)


if __name__ == "__main__":
    main()
