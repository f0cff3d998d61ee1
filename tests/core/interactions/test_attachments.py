"""Files of customers and interactions: kept whole, under names of our own, and gone when their transaction is."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from crmkit import CRM, Actor
from crmkit.core.interactions.attachments import Upload, open_attachment, sweep
from crmkit.core.interactions.files import FolderStore, new_key
from crmkit.core.interactions.models import Attachment
from crmkit.core.store.ids import new_id
from crmkit.errors import ConfigurationError, FileRejected, NotFound, StoreError
from crmkit.settings import Settings
from tests.core.interactions.support import ACTOR, count, customer, plugin, problems, record

PDF = b"%PDF-1.7\n" + bytes(100)


@pytest.fixture
def shop(crm_url: str, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with a folder for files, which takes files of up to a thousand bytes."""
    with CRM.open(Settings(database=crm_url, files=tmp_path / "files", attachment_limit=1000)) as crm:
        yield crm


def stored(crm: CRM) -> list[Path]:
    """Return the files in the folder."""
    assert crm.settings.files is not None
    return [path for path in crm.settings.files.rglob("*") if path.is_file()]


def attach(crm: CRM, filename: str = "offer.pdf", content: bytes = PDF, **values: Any) -> Attachment:
    """Attach a file."""
    values = values or {"customer_id": customer(crm).id}
    upload = Upload(filename=filename, content=content)
    made: Attachment = crm.run(ACTOR, "attachment.add", {"upload": upload, **values})
    return made


def test_a_file_comes_back_as_it_was_and_is_only_ever_saved(shop: CRM) -> None:
    """A browser is told to save it, never to show it or to guess what it is."""
    mail = record(shop, "email", customer_id=customer(shop).id)
    made = attach(shop, "../报价\r\n单.pdf", interaction_id=mail.id)
    with shop.session(ACTOR) as session:
        found = open_attachment(session, made.id)
    assert (PDF, "报价单.pdf", "application/pdf", mail.customer_id) == (
        found.content,
        found.filename,
        found.media_type,
        made.customer_id,
    )
    assert found.headers["Content-Disposition"].startswith("attachment; ")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in found.headers["Content-Security-Policy"]


def test_nothing_that_was_typed_is_part_of_a_path(shop: CRM) -> None:
    """Files are kept in two levels of folders under names that cannot be guessed."""
    attach(shop, "..\\..\\secret.pdf")
    (path,) = stored(shop)
    assert shop.settings.files is not None
    first, second, name = path.relative_to(shop.settings.files).parts
    assert (name[:2], name[2:4], 40) == (first, second, len(name))
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_not_accepted_leaves_nothing_behind(shop: CRM) -> None:
    """Too large, of a dangerous type, or not what it says."""
    for name, content in (("a.pdf", PDF + bytes(1000)), ("a.exe", b"MZ"), ("a.pdf\u200b.exe", PDF), ("a.png", PDF)):
        with pytest.raises(FileRejected):
            attach(shop, name, content)
    assert (stored(shop), count(shop, Attachment)) == ([], 0)


def test_a_file_belongs_to_somebody(shop: CRM) -> None:
    """To a customer or an interaction that exists, and not to two customers."""
    upload = Upload(filename="a.pdf", content=PDF)
    mail = record(shop, customer_id=customer(shop).id)
    other = customer(shop, "Other")
    for values, field in (
        ({}, "customer_id"),
        ({"customer_id": new_id()}, "customer_id"),
        ({"interaction_id": new_id()}, "interaction_id"),
        ({"interaction_id": mail.id, "customer_id": other.id}, "interaction_id"),
    ):
        assert [field] == list(problems(shop, "attachment.add", {"upload": upload, **values}))
    assert stored(shop) == []


def test_plain_input_carries_bytes_as_base64(shop: CRM) -> None:
    """What comes as JSON is read, and refused where it is no Base64."""
    plain = {"filename": "a.pdf", "content": base64.b64encode(PDF).decode()}
    values = {"upload": plain, "customer_id": str(customer(shop).id)}
    assert len(PDF) == shop.run(ACTOR, "attachment.add", values).size
    for content in ("%%", 5):
        bad = {**values, "upload": {**plain, "content": content}}
        assert list(problems(shop, "attachment.add", bad)) == ["upload.content"]


def test_content_goes_when_its_transaction_is_undone(shop: CRM) -> None:
    """A savepoint takes its own files alone; a transaction takes all; what was committed stays."""
    who = customer(shop)

    def add(session: Any, name: str) -> None:
        session.run("attachment.add", {"upload": Upload(filename=name, content=PDF), "customer_id": who.id})

    with shop.transaction(ACTOR) as session:
        add(session, "kept.pdf")
        savepoint = session.begin_nested()
        add(session, "undone.pdf")
        assert len(stored(shop)) == 2
        savepoint.rollback()
        assert len(stored(shop)) == 1
        add(session, "kept too.pdf")
    assert len(stored(shop)) == 2
    with suppress(RuntimeError), shop.transaction(ACTOR) as session:
        add(session, "gone.pdf")
        assert len(stored(shop)) == 3
        raise RuntimeError
    assert (len(stored(shop)), count(shop, Attachment)) == (2, 2)


def test_content_that_was_altered_or_lost_is_not_handed_out(shop: CRM) -> None:
    """The hash is compared each time."""
    made = attach(shop)
    (path,) = stored(shop)
    path.write_bytes(b"%PDF-altered")
    with shop.session(ACTOR) as session, pytest.raises(StoreError):
        open_attachment(session, made.id)
    path.unlink()
    with shop.session(ACTOR) as session, pytest.raises(NotFound):
        open_attachment(session, made.id)
    with shop.session(ACTOR) as session, pytest.raises(NotFound):
        open_attachment(session, new_id())


def test_files_of_what_one_may_not_see_are_not_there(shop: CRM) -> None:
    """A private note's file is its author's."""
    user = shop.run(ACTOR, "user.create", {"login": "a", "name": "A"})
    made = attach(shop, interaction_id=record(shop, visibility="private").id)
    with shop.session(Actor.user(user.id)) as session, pytest.raises(NotFound):
        open_attachment(session, made.id)


def test_content_without_a_record_is_swept_once_it_is_old(shop: CRM) -> None:
    """What a crash left behind goes; what has a record stays."""
    attach(shop)
    shop.files.put(new_key(), b"left behind")
    with shop.session(ACTOR) as session:
        assert sweep(session) == 0
        assert sweep(session, older_than=timedelta(seconds=-5)) == 1
    assert len(stored(shop)) == 1


def test_a_plugin_may_keep_the_files(crm_url: str, tmp_path: Path) -> None:
    """The first store that a plugin offers takes the place of the folder."""
    elsewhere = FolderStore(tmp_path / "elsewhere")
    with CRM.open(crm_url) as crm:
        plugin(crm, "probe", crmkit_file_store=lambda settings: elsewhere)
        attach(crm)
    assert len(list(elsewhere.stored())) == 1


def test_without_a_place_for_files_the_answer_says_so(crm: CRM) -> None:
    """An embedded CRM has no folder until it is given one."""
    with pytest.raises(ConfigurationError):
        attach(crm)


@pytest.mark.parametrize("key", ["../a", "/a", "a/../b", "a.b", "", "a//b", "a\\b"])
def test_a_store_takes_its_own_keys_only(tmp_path: Path, key: str) -> None:
    """No key leads out of the folder."""
    store = FolderStore(tmp_path)
    with pytest.raises(NotFound):
        store.put(key, b"x")
    with pytest.raises(NotFound):
        store.get(key)
    assert list(store.stored()) == []


def test_a_store_that_cannot_write_says_so(tmp_path: Path) -> None:
    """A disk's error is an error with a name."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        FolderStore(tmp_path / "file").put(new_key(), b"x")


def test_what_an_upload_holds_is_not_shown() -> None:
    """The content stays out of logs."""
    assert "PDF" not in repr(evolve(Upload(filename="a.pdf", content=PDF), filename="b.pdf"))
