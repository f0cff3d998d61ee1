"""Files that come with the form of a public page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import select

from crmkit import CRM, Attachment, PublicPage, Settings, Visit, open_attachment
from tests.conftest import Templates
from tests.web.public.conftest import ONCE, SYSTEM, Shop, made

PDF = b"%PDF-1.4\n%%EOF\n"


def keep(session: Any, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep the files of a visitor."""
    for each in visit.files:
        upload = {"filename": each.filename, "content": each.content}
        session.run("attachment.add", {"upload": upload, "customer_id": visit.customer_id})
    session.run("customer.update", {"city": values["city"][0]}, target=visit.customer_id)


FILES: PublicPage = evolve(
    ONCE, name="files", submit=keep, rights=("customer.read", "customer.update", "attachment.create"), once=False,
    throttle=50, files=2,
)  # fmt: skip


@pytest.fixture
def shop(templates: Templates, tmp_path: Path) -> Iterator[Shop]:
    """The shop, with a place for files, and a page that takes two."""
    settings = Settings(database=templates.copy("sqlite", tmp_path), files=tmp_path / "files")
    with CRM.open(settings) as crm:
        crm.registry.add("crmkit", "public page", [FILES])
        yield made(crm)


def kept(shop: Shop) -> list[tuple[str, bytes]]:
    """Return the names and contents of the files that are kept."""
    with shop.crm.session(SYSTEM) as session:
        ids = session.scalars(select(Attachment.id).order_by(Attachment.id)).all()
        found = [open_attachment(session, each) for each in ids]
        return [(each.filename, each.content) for each in found]


def send(shop: Shop, path: str, *files: tuple[str, bytes], form: str | None = None) -> Any:
    """Send a form in parts."""
    token = shop.form(path) if form is None else form
    parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
    return shop.client.post(path, data={"form": token, "city": "上海"}, files=[*parts, ("files", ("", b"", ""))])


def test_files_reach_the_page(shop: Shop) -> None:
    """With their names and their content; an empty field of files is none."""
    path = shop.link("files").path
    assert send(shop, path, ("账单.pdf", PDF), ("b.pdf", PDF + b"2")).status_code == 303
    assert kept(shop) == [("账单.pdf", PDF), ("b.pdf", PDF + b"2")]


def test_the_form_still_works_without_parts(shop: Shop) -> None:
    """A browser that sends no files sends a plain form."""
    assert shop.send(shop.link("files").path, {"city": "Hangzhou"}).status_code == 303
    assert kept(shop) == []


def test_what_is_refused_keeps_nothing(shop: Shop) -> None:
    """A program, a third file, a forged form: nothing is kept of any of it."""
    path = shop.link("files").path
    answers = [
        send(shop, path, ("a.pdf", PDF), ("run.exe", b"MZ\x00")),
        send(shop, path, ("a.pdf", PDF), ("b.pdf", PDF), ("c.pdf", PDF)),
        send(shop, path, ("a.pdf", PDF), form="forged"),
    ]
    assert [each.status_code for each in answers] == [422, 422, 422]
    assert kept(shop) == []


def test_files_have_an_end(shop: Shop) -> None:
    """10 MiB with files; a plain form, and a page that takes none, keep their own limit."""
    path, other = shop.link("files").path, shop.link("once").path
    assert send(shop, path, ("a.pdf", PDF + b"x" * (10 << 20))).status_code == 413
    assert shop.client.post(path, data={"city": "x" * (1 << 17)}).status_code == 413
    assert send(shop, other, ("a.pdf", PDF + b"x" * (1 << 17))).status_code == 413
