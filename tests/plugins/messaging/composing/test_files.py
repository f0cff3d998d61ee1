"""Templates as files, test sends, and the commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from crmkit_messaging.composing import trying
from crmkit_messaging.composing.files import document_of
from crmkit_messaging.composing.models import MessageTemplate

from crmkit import Delivery, Message
from crmkit.errors import Conflict, InvalidInput, Refused
from tests.plugins.messaging.composing.bases import SYSTEM, Base, add

BLOCKS = """
- {kind: heading, text: 'Hello {{ customer.name }}', level: 2}
- {kind: lines, each: value.items, text: '{{ line.name }}'}
- kind: when
  condition: customer.city == "上海"
  blocks: [{kind: text, text: "两行\\n文字"}]
- {kind: columns, columns: [[{kind: divider}], [{kind: text, text: b}]]}
"""


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_is_exported_is_taken_in_again(base: Base, form: Any) -> None:
    """Elsewhere it makes the same templates; here nothing changes."""
    template = add(
        base.crm, "order/shipped", BLOCKS, subject="你好", given="items: [{name: Tea}]\n", purpose="marketing"
    )
    add(base.crm, "short", "- {kind: text, text: Hi}", channel="sms")
    with base.crm.session(SYSTEM) as session:
        document = document_of(session, form=form)
    done = base.crm.run(SYSTEM, "messaging.template.load", {"document": document})
    assert (done.added, done.changed, done.same) == ((), (), ("order/shipped", "short"))
    base.crm.run(SYSTEM, "messaging.template.delete", {}, target=template)
    done = base.crm.run(SYSTEM, "messaging.template.load", {"document": document, "publish": True})
    assert (done.added, done.published) == (("order/shipped",), ("order/shipped",))
    with base.crm.session(SYSTEM) as session:
        assert document_of(session, form=form) == document


def test_a_document_is_taken_in_as_a_whole_or_not_at_all(base: Base) -> None:
    """Everything that is wrong is told, and nothing is written."""
    row = {"name": "a", "texts": [{"language": "en", "blocks": [{"kind": "text", "text": "{{ nix }}"}]}]}
    good = {"name": "b", "texts": [{"language": "en", "blocks": []}]}
    odd = {"name": "c", "texts": [{"language": "xx"}]}
    with pytest.raises(InvalidInput) as caught:
        base.crm.run(SYSTEM, "messaging.template.load", {"document": json.dumps({"templates": [row, good, odd]})})
    assert {str(problem.field).partition(":")[0] for problem in caught.value.problems} == {"a", "c"}
    with base.crm.session(SYSTEM) as session:
        assert session.query(MessageTemplate).count() == 0


@pytest.mark.parametrize(
    "document",
    ["", "[]", "templates: 1", "templates: []", "x: 1", "a: &b 1\nc: *b", "{", "templates: [{name: x, nix: 1}]"],
)
def test_documents_that_are_none_are_refused(base: Base, document: str) -> None:
    """Whatever comes as a document is told what is wrong with it."""
    with pytest.raises(InvalidInput):
        base.crm.run(SYSTEM, "messaging.template.load", {"document": document})


def test_publishing_by_a_file_needs_the_right_to_publish(base: Base) -> None:
    """Who may only write takes drafts in."""
    document = json.dumps(
        {"name": "b", "texts": [{"language": "en", "blocks": [{"kind": "text", "text": "x"}], "subject": "s"}]}
    )
    with pytest.raises(Refused):
        base.crm.run(base.people["sue"], "messaging.template.load", {"document": document, "publish": True})
    assert base.crm.run(base.people["sue"], "messaging.template.load", {"document": document}).added == ("b",)


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Message]]:
    """What a carrier was handed, which takes everything."""
    taken: list[Message] = []

    def take(crm: Any, message: Message) -> Delivery:
        taken.append(message)
        return Delivery(outcome="accepted", carrier_id="1")

    monkeypatch.setattr(trying, "deliver", take)
    return taken


def test_a_test_goes_to_oneself_and_says_what_became_of_it(base: Base, carried: list[Message]) -> None:
    """The draft, with samples for what is not given, to the own address and no other."""
    template = add(base.crm, "x", "- {kind: text, text: 'Dear {{ customer.name }}'}", subject="S", publish=False)
    customer = {"customer_id": base.customers["ada"]}
    base.crm.run(base.people["sue"], "messaging.template.test", customer, target=template)
    base.crm.worker().run_until_idle()
    assert [(each.address, each.subject, each.body) for each in carried] == [("sue@tea.example", "S", "Dear Ada Byron")]
    with base.crm.session(SYSTEM) as session:
        found = session.get(MessageTemplate, template)
        assert found is not None
        assert (found.tested_outcome, found.tested_by) == ("accepted", base.people["sue"].id)


def test_only_mails_can_be_sent_to_oneself(base: Base, carried: list[Message]) -> None:
    """Staff have no address of other channels, and the system none at all."""
    short = add(base.crm, "x", "- {kind: text, text: Hi}", channel="sms")
    mail = add(base.crm, "y", "- {kind: text, text: Hi}")
    with pytest.raises(Conflict):
        base.crm.run(base.people["sue"], "messaging.template.test", {}, target=short)
    with pytest.raises(Conflict):
        base.crm.run(SYSTEM, "messaging.template.test", {}, target=mail)
    assert carried == []
