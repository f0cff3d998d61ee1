"""The pages and commands of notices, hand-offs, approvals and discussions, as people use them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crmkit_work.comments.reading import comments_of

from crmkit.core.store.actor import Actor
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.conftest import Templates
from tests.plugins.work.staff import SYSTEM, person, team, work
from tests.web.conftest import Browsing, Web, behind_doors

__all__ = ["crmkit", "pristine"]

NASTY = "<script>alert(1)</script>{{ 77777*3 }}"
HOME = "/modules/work"


@pytest.fixture
def pages(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """People behind their doors, with the plugin."""
    with behind_doors(templates, "sqlite", tmp_path, "work") as web:
        yield web


def acting(pages: Web, login: str) -> Actor:
    """Return the actor of somebody."""
    return Actor.user(pages.users[login], login.title())


def read(client: Browsing, path: str) -> str:
    """Return the text of a page that is there."""
    response = client.get(path)
    assert response.status_code == 200, response.text[:2000]
    found: str = response.text
    return found


def say(pages: Web, login: str, title: str, **values: Any) -> None:
    """Tell somebody something."""
    pages.crm.run(SYSTEM, "work.notice.send", {"user_id": pages.users[login], "title": title, **values})


# --- notices ----------------------------------------------------------------------------------------------------------


def test_the_bell_counts_and_a_notice_leads_to_what_it_is_about(pages: Web) -> None:
    """Following it marks it as read."""
    say(pages, "sam", "Look at the reports", path="/reports")
    sam = pages.client("sam")
    shown = read(sam, f"{HOME}/notices")
    assert re.search(r'href="/modules/work/notices"[^>]*>.*?<span[^>]*>1</span>', shown, re.DOTALL)
    (action,) = re.findall(r'action="(/operations/work\.notice\.read\?[^"]*reports[^"]*)"', shown)
    followed = sam.post(html.unescape(action))
    assert (followed.status_code, followed.headers["location"]) == (303, "/reports")
    assert "Nothing new" in read(sam, f"{HOME}/notices?show=unread")


def test_what_others_are_told_is_on_no_page(pages: Web) -> None:
    """Not on the list of records either, nor by its address."""
    say(pages, "sam", "for sam alone")
    ada = pages.client("ada")
    for path in (f"{HOME}/notices", "/records/work.notice"):
        assert "for sam alone" not in read(ada, path)
    with pages.crm.session(SYSTEM) as session:
        from crmkit_work.notices.models import Notice
        from sqlalchemy import select

        identity = session.scalars(select(Notice.id)).one()
    assert ada.get(f"/records/work.notice/{identity}").status_code == 404
    assert ada.post(f"/operations/work.notice.read?target={identity}").status_code == 404


def test_choices_are_made_in_a_table(pages: Web) -> None:
    """Each field of it is kept; the page shows it again, in Chinese too."""
    sam = pages.client("sam")
    shown = read(sam, f"{HOME}/notices/choices")
    fields = dict(re.findall(r'name="(choices\.\d+\.(?:kind|channel))" value="([^"]*)"', shown))
    kinds = {name: value for name, value in fields.items() if name.endswith(".kind")}
    place = next(
        name.split(".")[1]
        for name, value in kinds.items()
        if value == "approval" and fields[name.replace("kind", "channel")] == "email"
    )
    sent = sam.post(
        f"/operations/work.notice.choose?next={HOME}/notices/choices", {**fields, f"choices.{place}.wanted": "daily"}
    )
    assert sent.status_code == 303, sent.text[:3000]
    again = read(pages.client("sam", language="zh_Hans"), f"{HOME}/notices/choices")
    assert '<option value="daily" selected>每天一次</option>' in again


def test_what_people_write_is_inert_on_every_page(pages: Web) -> None:
    """Titles, texts, reasons, logins: nothing of it is run."""
    crm, wang = pages.crm, pages.customers["Wang Lin"]
    sam, mia = acting(pages, "sam"), acting(pages, "mia")
    say(pages, "mia", NASTY, text=NASTY)
    crm.run(sam, "work.comment.add", {"ref": f"customer:{wang}", "text": NASTY})
    offered = {"title": NASTY, "request": NASTY, "to_user_id": mia.user_id, "customer_id": wang}
    handoff = crm.run(sam, "work.handoff.offer", offered)
    crm.run(mia, "work.handoff.decline", {"reason": NASTY}, target=handoff.id)
    approval = asked(pages, title=NASTY, reason=NASTY)
    for login, path in (
        ("mia", "notices"),
        ("sam", f"discussion?ref=customer:{wang}"),
        ("mia", "handoffs"),
        ("mia", f"handoff?id={handoff.id}"),
        ("mia", "approvals"),
        ("mia", f"approval?id={approval}"),
    ):
        shown = read(pages.client(login), f"{HOME}/{path}")
        assert "<script>alert(1)" not in shown
        assert "233331" not in re.sub(r"[0-9a-f-]{36}|\d{2}:\d{2}", "", shown.partition("<main")[2]), path


# --- hand-offs, approvals, discussions --------------------------------------------------------------------------------


def test_a_hand_off_is_made_and_answered_in_the_pages(pages: Web) -> None:
    """Offered by a form, accepted by a button, done by another."""
    sam, mia = pages.client("sam"), pages.client("mia")
    form = {"title": "Install it", "to_user_id": str(pages.users["mia"]), "handed": "nothing", "accept_minutes": "60"}
    made = sam.post(f"/operations/work.handoff.offer?next={HOME}/handoffs", form)
    assert made.status_code == 303, made.text[:2000]
    shown = read(mia, f"{HOME}/handoffs")
    (path,) = re.findall(r'href="(/modules/work/handoff\?id=[0-9a-f-]{36})"', shown)
    for operation in ("accept", "finish"):
        shown = read(mia, path)
        (action,) = re.findall(rf'action="(/operations/work\.handoff\.{operation}\?[^"]*)"', shown)
        assert mia.post(html.unescape(action)).status_code == 303
    assert "Done" in read(sam, path)
    pages.users["joe"] = person(pages.crm, "joe", teams=[team(pages.crm, "West")]).user_id
    assert pages.client("joe").get(path).status_code == 404


def test_an_approval_is_given_in_the_pages(pages: Web) -> None:
    """Who is asked sees the button, who asked does not; what comes of it leads to the record."""
    approval = asked(pages)
    path = f"{HOME}/approval?id={approval}"
    assert "/operations/work.approval.approve" not in read(pages.client("max"), path)
    mia = pages.client("mia")
    assert "/operations/work.approval.approve" in read(mia, path)
    sent = mia.post(f"/operations/work.approval.approve?next={HOME}/approvals", {"approval_id": str(approval)})
    assert sent.status_code == 303, sent.text[:2000]
    work(pages.crm)
    assert re.search(r'href="/records/product/[0-9a-f-]{36}"', read(pages.client("max"), path))
    assert pages.client("sue").get(path).status_code == 404


def test_approval_is_asked_for_in_the_pages(pages: Web) -> None:
    """The values of the operation as lines; what would stand in the way is said at once."""
    asked(pages)
    client = pages.client("max")
    path = f"/operations/work.approval.request?next={HOME}/approvals"
    wrong = client.post(path, {"chain": "products", "values": "title: Tea"})
    assert wrong.status_code == 422
    right = client.post(path, {"chain": "products", "values": "sku: T-2\ntitle: Tea", "title": "More tea"})
    assert right.status_code in (200, 303), right.text[:2000]
    assert "More tea" in read(pages.client("mia"), f"{HOME}/approvals")


def test_a_customer_is_discussed_beside_their_page(pages: Web) -> None:
    """The panel leads there; who does not see the customer finds no discussion."""
    wang = pages.customers["Wang Lin"]
    path = f"{HOME}/discussion?ref=customer:{wang}"
    sam = pages.client("sam")
    assert f"/modules/work/discussion?ref=customer:{wang}" in html.unescape(read(sam, f"/customers/{wang}"))
    sent = sam.post(f"/operations/work.comment.add?next={path}&quiet=1", {"ref": f"customer:{wang}", "text": "Morning"})
    assert sent.status_code == 303, sent.text[:2000]
    with pages.crm.session(SYSTEM) as session:
        comment = comments_of(session, f"customer:{wang}")[0].id
    for values in ({"comment_id": str(comment), "text": "In the morning"},):
        assert sam.post(f"/operations/work.comment.edit?next={path}&quiet=1", values).status_code == 303
    shown = read(pages.client("ada"), path)
    assert "In the morning" in shown
    assert "/operations/work.comment.edit" not in shown
    hidden = pages.customers["Sofia Rossi"]
    assert sam.get(f"{HOME}/discussion?ref=customer:{hidden}").status_code == 404
    for wrong in ("", "customer:nothing", "crm_user:1"):
        assert sam.get(f"{HOME}/discussion?ref={wrong}").status_code == 404


def asked(pages: Web, **values: Any) -> UUID:
    """Ask mia for a product, as max."""
    chain = {
        "name": "products",
        "operation": "product.create",
        "steps": [{"title": "Mia", "who": "user", "name": "mia"}],
    }
    pages.crm.run(SYSTEM, "work.approval_chain.create", chain)
    given = {"chain": "products", "values": {"sku": "T-1", "title": "Tea"}, **values}
    found: UUID = pages.crm.run(acting(pages, "max"), "work.approval.request", given)
    return found


# --- commands ---------------------------------------------------------------------------------------------------------


def test_the_commands_list_for_people_and_for_scripts(crmkit: Crmkit) -> None:
    """Notices, hand-offs and requests, empty and full."""
    crmkit.has("work")
    for name in ("notices", "handoffs", "approvals"):
        assert json.loads(crmkit("--json", "work", name).out)["items"] == []
    assert "There are no hand-offs." in crmkit("work", "handoffs").out
