"""A plugin's own public page: declared in a hook, with its template, its texts and an operation behind it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crmkit import CRM, Actor
from crmkit.manifest import PluginManifest
from tests.conftest import Templates
from tests.web.public.conftest import form_of

PLUGIN = """
from crmkit import InvalidInput, Problem, PublicPage, hookimpl, texts

_ = texts("crmkit_poll")


def show(session, visit):
    from crmkit import Customer

    name = session.get(Customer, visit.customer_id).name
    return {"name": name, "guess": visit.query.get("score", ("",))[0], "asked": sorted(visit.query)}


def answer(session, visit, values):
    (score,) = values.get("score", ("",))
    if values.get("more"):
        raise InvalidInput([])
    if not score.isdigit():
        raise InvalidInput([Problem("CK500", _("Please choose a number."), field="score")])
    session.run(
        "interaction.record",
        {"kind": "note", "customer_id": visit.customer_id, "subject": "NPS " + score, "source": "poll",
         "external_id": str(visit.link_id)},
    )


@hookimpl
def crmkit_public_pages():
    return [
        PublicPage(
            name="poll.answer", title=_("How did we do?"), template="poll/answer.html", show=show, submit=answer,
            rights=("customer.read", "interaction.create"), once=True,
        )
    ]
"""
TEMPLATE = """{% extends "public/base.html" %}
{% block content %}
<h1>{{ _("How did we do?") }}, {{ name }}</h1>
{% include "public/problems.html" %}
<form method="post"><input type="hidden" name="form" value="{{ form }}">
<input name="score" value="{{ given.get('score', (guess,))[0] }}">{{ asked|join(" ") }}
<button>{{ _("Save") }}</button></form>
{% endblock %}
"""


@pytest.fixture
def poll(tmp_path: Path, templates: Templates, monkeypatch: pytest.MonkeyPatch) -> PluginManifest:
    """A plugin in a folder of its own."""
    package = tmp_path / "site" / "crmkit_poll"
    (package / "templates").mkdir(parents=True)
    (package / "__init__.py").write_text('"""A poll."""\n')
    (package / "plugin.py").write_text(PLUGIN)
    (package / "templates" / "answer.html").write_text(TEMPLATE)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for name in [name for name in sys.modules if name.startswith("crmkit_poll")]:
        monkeypatch.delitem(sys.modules, name)
    return PluginManifest(name="poll", title="Poll", version="1.0", api="1.0", module="crmkit_poll.plugin")


def test_a_plugin_s_page_is_shown_sent_and_closed(poll: PluginManifest, templates: Templates, tmp_path: Path) -> None:
    """Its template in the frame, in both languages; a mistake is told, what is right is recorded by who was asked."""
    with CRM.open(templates.copy("sqlite", tmp_path), plugins=[poll]) as crm:
        crm.enable("poll")
        system = Actor.system("test")
        crm.run(system, "business.configure", {"name": "Tea House", "base_currency": "CNY"})
        ada = crm.run(system, "customer.create", {"name": "Ada"}).id
        path = crm.run(system, "public_link.create", {"page": "poll.answer", "customer_id": ada}).path
        client = TestClient(crm.asgi(), base_url="http://localhost", follow_redirects=False)
        page = client.get(path, headers={"Accept-Language": "zh-CN"})
        assert "<h1>How did we do?, Ada</h1>" in page.text
        assert ">保存</button>" in page.text
        wrong = client.post(path, data={"form": form_of(page.text), "score": "many"})
        assert 422 == wrong.status_code
        assert "Please choose a number." in wrong.text
        assert 'name="score" value="many"' in wrong.text
        sent = client.post(path, data={"form": form_of(wrong.text), "score": "9"})
        assert (303, "/p/done") == (sent.status_code, sent.headers["location"].partition("?")[0])
        assert 200 == client.get(sent.headers["location"]).status_code
        assert 404 == client.get(path).status_code
        from sqlalchemy import select

        from crmkit import Interaction

        with crm.session(system) as session:
            (found,) = session.scalars(select(Interaction))
            assert ("NPS 9", f"customer:{ada}") == (found.subject, found.actor_id)


def test_a_form_goes_on_with_its_next_step_and_takes_a_guess(
    poll: PluginManifest, templates: Templates, tmp_path: Path
) -> None:
    """What stands behind the address is there to begin with, within bounds; a next step is no mistake, and loses
    nothing."""
    with CRM.open(templates.copy("sqlite", tmp_path), plugins=[poll]) as crm:
        crm.enable("poll")
        system = Actor.system("test")
        ada = crm.run(system, "customer.create", {"name": "Ada"}).id
        path = crm.run(system, "public_link.create", {"page": "poll.answer", "customer_id": ada}).path
        client = TestClient(crm.asgi(), base_url="http://localhost", follow_redirects=False)
        page = client.get(f"{path}?score=9&lang=en&saved=0&long={'x' * 201}")
        assert 'name="score" value="9">score\n' in page.text
        step = client.post(path, data={"form": form_of(page.text), "score": "8", "more": "1"})
        assert 200 == step.status_code
        assert 'name="score" value="8"' in step.text
        assert "Please look at this again" not in step.text
        assert 303 == client.post(path, data={"form": form_of(step.text), "score": "8"}).status_code


def test_a_disabled_plugin_s_links_are_closed(poll: PluginManifest, templates: Templates, tmp_path: Path) -> None:
    """They look like any link that opens nothing, and open again when the plugin is back."""
    url = templates.copy("sqlite", tmp_path)
    with CRM.open(url, plugins=[poll]) as crm:
        crm.enable("poll")
        system = Actor.system("test")
        ada = crm.run(system, "customer.create", {"name": "Ada"}).id
        path = crm.run(system, "public_link.create", {"page": "poll.answer", "customer_id": ada}).path
        crm.disable("poll")
    with CRM.open(url, plugins=[poll]) as crm:
        assert 404 == TestClient(crm.asgi(), base_url="http://localhost").get(path).status_code
        crm.enable("poll")
    with CRM.open(url, plugins=[poll]) as crm:
        assert 200 == TestClient(crm.asgi(), base_url="http://localhost").get(path).status_code


def test_a_plugin_that_is_enabled_while_pages_are_served_has_its_own(
    poll: PluginManifest, templates: Templates, tmp_path: Path
) -> None:
    """Without a restart."""
    with CRM.open(templates.copy("sqlite", tmp_path), plugins=[poll]) as crm:
        client = TestClient(crm.asgi(), base_url="http://localhost")
        crm.enable("poll")
        system = Actor.system("test")
        ada = crm.run(system, "customer.create", {"name": "Ada"}).id
        path = crm.run(system, "public_link.create", {"page": "poll.answer", "customer_id": ada}).path
        assert 200 == client.get(path).status_code
