"""Writing templates: drafts, versions, publishing, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from crmkit_messaging.api import render
from crmkit_messaging.composing.checking import doubtful, warnings_of
from crmkit_messaging.composing.comparing import compare
from crmkit_messaging.composing.models import MessageTemplate
from crmkit_messaging.composing.trying import newest
from sqlalchemy import select

from crmkit.errors import AlreadyExists, Conflict, InvalidInput, NotFound, Refused, StaleWrite
from tests.plugins.messaging.composing.bases import SYSTEM, Base, add

HELLO = "- {kind: text, text: Hello}"


def states(base: Base, template: Any) -> Sequence[tuple[int, str]]:
    """Return the versions of a template with their states."""
    with base.crm.session(SYSTEM) as session:
        found = session.get(MessageTemplate, template)
        assert found is not None
        return [(each.number, each.state) for each in found.versions]


def codes(base: Base, template: Any) -> set[str]:
    """Return what speaks against publishing the newest version."""
    with base.crm.session(SYSTEM) as session:
        found = session.get(MessageTemplate, template)
        assert found is not None
        return {each.code for each in warnings_of(session, newest(found))}


def test_what_is_published_stays_until_the_next_is(base: Base) -> None:
    """A change makes a draft of the published version, which is sent on meanwhile."""
    template = add(base.crm, "x", HELLO, subject="S")
    base.crm.run(
        SYSTEM, "messaging.template.write", {"language": "en", "blocks": "- {kind: text, text: New}"}, target=template
    )
    assert states(base, template) == [(1, "published"), (2, "draft")]
    with base.crm.session(SYSTEM) as session:
        assert render(session, "x", None).text == "Hello"
    base.crm.run(SYSTEM, "messaging.template.publish", {"confirmed": True}, target=template)
    assert states(base, template) == [(1, "replaced"), (2, "published")]
    with base.crm.session(SYSTEM) as session:
        assert render(session, "x", None).text == "New"


def test_a_version_can_be_taken_up_again_or_a_draft_discarded(base: Base) -> None:
    """What was replaced becomes a draft; a draft can be thrown away, but not the only version."""
    template = add(base.crm, "x", HELLO, publish=False)
    with pytest.raises(Conflict):
        base.crm.run(SYSTEM, "messaging.template.discard", {}, target=template)
    base.crm.run(SYSTEM, "messaging.template.publish", {"confirmed": True}, target=template)
    new = {"language": "en", "blocks": "- {kind: text, text: New}"}
    base.crm.run(SYSTEM, "messaging.template.write", new, target=template)
    base.crm.run(SYSTEM, "messaging.template.restore", {"number": 1}, target=template)
    with base.crm.session(SYSTEM) as session:
        found = session.get(MessageTemplate, template)
        assert found is not None
        assert newest(found).texts[0].blocks == [{"kind": "text", "text": "Hello"}]
        assert compare(found.versions[0], newest(found)) == []
    base.crm.run(SYSTEM, "messaging.template.discard", {}, target=template)
    assert states(base, template) == [(1, "published")]
    with pytest.raises(NotFound):
        base.crm.run(SYSTEM, "messaging.template.restore", {"number": 9}, target=template)


def test_two_who_write_at_once_do_not_overwrite_each_other(base: Base) -> None:
    """Who has seen an older version is told so."""
    template = add(base.crm, "x", HELLO, publish=False)
    with base.crm.session(SYSTEM) as session:
        seen = getattr(session.get(MessageTemplate, template), "version", 0)
    new = {"language": "en", "blocks": HELLO}
    base.crm.run(SYSTEM, "messaging.template.write", new, target=template, version=seen)
    with pytest.raises(StaleWrite):
        base.crm.run(SYSTEM, "messaging.template.write", new, target=template, version=seen)


def test_what_differs_between_versions_is_told_line_by_line(base: Base) -> None:
    """Lines that were taken out and put in, by language and variant."""
    template = add(base.crm, "x", HELLO, subject="Old")
    text = {"language": "en", "subject": "New", "blocks": HELLO}
    base.crm.run(SYSTEM, "messaging.template.write", text, target=template)
    base.crm.run(SYSTEM, "messaging.template.write", {**text, "language": "de"}, target=template)
    with base.crm.session(SYSTEM) as session:
        found = session.get(MessageTemplate, template)
        assert found is not None
        differences = compare(*found.versions)
    assert [(each.language, each.state) for each in differences] == [("en", "changed"), ("de", "added")]
    assert [(line.kind, line.text) for line in differences[0].lines if line.kind in ("in", "out")] == [
        ("out", "subject: Old"),
        ("in", "subject: New"),
    ]


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ("- {kind: txt, text: x}", '#1: there is no block "txt". Did you mean: text?'),
        ("- {kind: text}", '#1: a block "text" needs "text".'),
        ("- {kind: text, text: x, colour: red}", '#1: a block "text" has no "colour".'),
        ("- {kind: heading, text: x, level: 9}", '#1: "level" is a number from 1 to 3.'),
        ("- {kind: columns, columns: [[]]}", "#1: there are two or three columns."),
        ("- {kind: text, text: '{{ customer.gven_name }}'}", 'Did you mean "customer.given_name"?'),
        ("- kind: text\n  text: |\n    a\n    b {{ purchase.cont }}", "#1, line 2, column 6"),
        ("- {kind: text, text: '{{ value.nix }}'}", 'nothing called "value.nix"'),
        ("- {kind: text, text: '{{ line.x }}'}", 'nothing called "line.x"'),
        ("- {kind: when, condition: purchase.cunt > 1}", "purchase.cunt"),
        ("- {kind: when, condition: 'purchase.count >'}", "#1"),
        ("- {kind: button, text: x, url: 'javascript:1'}", "#1: messages do not lead to such an address."),
        ("- {kind: image, url: 'http://x.example/a.png'}", "#1: messages do not lead to such an address."),
        ("- {kind: lines, each: customer.names, text: x}", '#1: there is no list "customer.names".'),
        ("- {kind: text, text: \"a\\u202Eb\"}", '#1: "text" has characters that cannot be seen.'),
        ("- [1, 2", "this is not YAML"),
        ("a: &a [*a]", "no references here"),
        ("text", "Blocks are a list"),
        ("- {kind: when, condition: 'true', blocks: [{kind: when, condition: 'true', blocks: [{kind: when, "
         "condition: 'true', blocks: [{kind: when, condition: 'true', blocks: [{kind: divider}]}]}]}]}", "too deeply"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(base: Base, blocks: str, said: str) -> None:
    """Blocks, names, conditions and addresses are checked when they are saved."""
    template = base.crm.run(SYSTEM, "messaging.template.create", {"name": "x"}).id
    with pytest.raises(InvalidInput) as caught:
        base.crm.run(SYSTEM, "messaging.template.write", {"language": "en", "blocks": blocks}, target=template)
    assert said in caught.value.render("en")


def test_names_channels_and_purposes_are_checked(base: Base) -> None:
    """A template is for a channel and a purpose that there are, under a name of its own."""
    bad = {"name": "No Name!", "channel": "pigeon", "purpose": "fun", "language": "xx"}
    with pytest.raises(InvalidInput) as caught:
        base.crm.run(SYSTEM, "messaging.template.create", bad)
    assert [problem.field for problem in caught.value.problems] == ["name", "channel", "purpose", "language"]
    add(base.crm, "x", HELLO)
    with pytest.raises(AlreadyExists):
        base.crm.run(SYSTEM, "messaging.template.create", {"name": "x"})


def test_a_given_value_that_a_text_uses_cannot_be_dropped(base: Base) -> None:
    """What a text needs is given for as long as it needs it."""
    template = add(base.crm, "x", "- {kind: text, text: '{{ value.number }}'}", given="number: 1\n", publish=False)
    with pytest.raises(InvalidInput, match=r"value\.number"):
        base.crm.run(SYSTEM, "messaging.template.set_values", {"values": "other: 1"}, target=template)


@pytest.mark.parametrize(
    ("blocks", "values", "code"),
    [
        (HELLO, {"purpose": "marketing", "subject": "S"}, "no_unsubscribe"),
        (HELLO, {}, "no_subject"),
        ("- {kind: image, url: 'https://x.example/a.png'}", {"subject": "S"}, "no_alt"),
        ("- {kind: image, url: 'https://x.example/a.png'}", {"subject": "S"}, "no_plain"),
        ("[]", {"subject": "S"}, "empty"),
        (HELLO, {"subject": "S" * 80}, "long_subject"),
        (HELLO, {"subject": "BUY NOW OR NEVER"}, "shouting"),
        ("- {kind: text, text: '{{ customer.city }}'}", {"subject": "S"}, "no_fallback"),
        ("- {kind: text, text: '[x](https://bit.ly/1)'}", {"subject": "S"}, "doubtful_link"),
        (f"- {{kind: text, text: '{'x' * 19000}'}}\n" * 6, {"subject": "S"}, "too_big"),
        (f"- {{kind: text, text: '{'x' * 500}'}}", {"channel": "sms"}, "many_segments"),
        (HELLO, {"subject": "S"}, "no_language"),
    ],
)
def test_what_is_doubtful_is_told_before_publishing(base: Base, blocks: str, values: dict[str, str], code: str) -> None:
    """Each warning shows for what it is about."""
    template = add(base.crm, "x", blocks, publish=False, **values)
    assert code in codes(base, template)


def test_nothing_speaks_against_a_good_template(base: Base) -> None:
    """With both languages of the customers, a subject, and defaults."""
    text = "- {kind: text, text: 'Hello {{ customer.given_name | default(\"you\") }}'}\n- {kind: footer}"
    template = add(base.crm, "x", text, subject="Hello", purpose="marketing", publish=False)
    chinese = {"language": "zh", "subject": "你好", "blocks": text}
    base.crm.run(SYSTEM, "messaging.template.write", chinese, target=template)
    assert codes(base, template) == set()
    base.crm.run(SYSTEM, "messaging.template.publish", {}, target=template)


def test_warnings_are_to_be_seen_and_some_to_be_mended(base: Base) -> None:
    """Without confirmation nothing doubtful is published, and nothing empty in any case."""
    template = add(base.crm, "x", HELLO, publish=False)
    with pytest.raises(InvalidInput, match="no subject"):
        base.crm.run(SYSTEM, "messaging.template.publish", {}, target=template)
    base.crm.run(SYSTEM, "messaging.template.write", {"language": "en", "blocks": "[]"}, target=template)
    with pytest.raises(InvalidInput, match="says nothing"):
        base.crm.run(SYSTEM, "messaging.template.publish", {"confirmed": True}, target=template)


def test_who_may_write_may_not_yet_publish(base: Base) -> None:
    """A service agent writes drafts; what customers get is for others to say. An analyst does neither."""
    template = add(base.crm, "x", HELLO, by=base.people["sue"], publish=False)
    with pytest.raises(Refused):
        base.crm.run(base.people["sue"], "messaging.template.publish", {"confirmed": True}, target=template)
    with pytest.raises(Refused):
        base.crm.run(base.people["ann"], "messaging.template.create", {"name": "y"})
    base.crm.run(base.people["max"], "messaging.template.publish", {"confirmed": True}, target=template)


def test_the_purpose_of_what_was_published_stays(base: Base) -> None:
    """It decides who may be written to: nobody turns a newsletter into a service message."""
    template = add(base.crm, "x", HELLO, purpose="marketing")
    with pytest.raises(Conflict):
        base.crm.run(SYSTEM, "messaging.template.update", {"purpose": "service"}, target=template)
    changed = base.crm.run(SYSTEM, "messaging.template.update", {"title": "New"}, target=template)
    assert (changed.title, changed.purpose) == ("New", "marketing")


def test_a_text_can_be_removed_and_a_template_deleted(base: Base) -> None:
    """A text goes from the draft; a template goes with all of its versions."""
    template = add(base.crm, "x", HELLO)
    base.crm.run(SYSTEM, "messaging.template.write", {"language": "de", "blocks": HELLO}, target=template)
    base.crm.run(SYSTEM, "messaging.template.remove_text", {"language": "de"}, target=template)
    with pytest.raises(NotFound):
        base.crm.run(SYSTEM, "messaging.template.remove_text", {"language": "de"}, target=template)
    base.crm.run(SYSTEM, "messaging.template.delete", {}, target=template)
    with base.crm.session(SYSTEM) as session:
        assert session.scalars(select(MessageTemplate)).all() == []


@pytest.mark.parametrize(
    ("label", "url", "bad"),
    [
        ("our shop", "https://shop.example/x", False),
        ("shop.example", "https://www.shop.example", False),
        ("www.bank.example", "https://evil.example", True),
        ("here", "https://bit.ly/x", True),
        ("here", "http://shop.example", True),
        ("here", "https://192.0.2.7/x", True),
        ("here", "https://xn--pple-43d.example", True),
        ("write to us", "mailto:a@shop.example", False),
        ("here", "", True),
    ],
)
def test_links_that_look_like_fraud_are_told(label: str, url: str, bad: bool) -> None:
    """Hidden targets, numbers in place of hosts, and texts that name another site."""
    assert bool(doubtful(label, url)) == bad
