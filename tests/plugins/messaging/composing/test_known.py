"""Which templates can be sent by, for plugins whose definitions name them."""

from __future__ import annotations

from crmkit_messaging.api import usable_templates

from tests.plugins.messaging.composing.bases import SYSTEM, Base, add


def test_published_templates_are_named_with_what_holds_of_them(base: Base) -> None:
    add(base.crm, "hello", "- {kind: text, text: Hello}", subject="Hello", channel="email", purpose="service")
    add(base.crm, "draft", "- {kind: text, text: Hello}", subject="Hello", publish=False)
    with base.crm.session(SYSTEM) as session:
        found = usable_templates(session)
    assert set(found) == {"hello"}
    known = found["hello"]
    assert (known.channel, known.purpose, known.languages) == ("email", "service", frozenset({"en"}))
