"""The texts of messages: what may stand in them, what is refused and where, and hostile ones."""

from __future__ import annotations

import time

import pytest
from crmkit_messaging.composing.filters import Formats
from crmkit_messaging.composing.markup import Look, as_html, as_text, safe_url
from crmkit_messaging.composing.placeholders import Filled, Hole, fill, plain, read
from hypothesis import given, settings, strategies as st

ENGLISH = Formats(language="en", zone="Asia/Shanghai", currency="CNY")
HOSTILE = [
    "{{ x.__class__ }}",
    "{{ x.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''.__class__ }}",
    "{{ x['__class__'] }}",
    "{{ x|attr('__class__') }}",
    "{{ x.y() }}",
    "{{ x() }}",
    "{{ range(10**9) }}",
    "{{ lipsum() }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ self }}",
    "{{ config.items() }}",
    "{{ 'a' * 10**9 }}",
    "{{ 9**9**9**9 }}",
    "{{ 1/0 }}",
    "{{ 1 // 0 }}",
    "{{ -x }}",
    "{{ '%s' % x }}",
    "{{ 'a'|center(10**9) }}",
    "{{ 'a'|format(x) }}",
    "{{ x|safe }}",
    "{{ x|map(attribute='y')|list }}",
    "{{ x|tojson }}",
    "{{ x|pprint }}",
    "{{ x[1:2] }}",
    "{{ {'a': 1} }}",
    "{% for a in x %}{{ a }}{% endfor %}",
    "{% set a = x %}",
    "{% macro a() %}{% endmacro %}",
    "{% call a() %}{% endcall %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block a %}{% endblock %}",
    "{% filter upper %}a{% endfilter %}",
    "{% autoescape false %}x{% endautoescape %}",
    "{% with a = 1 %}{% endwith %}",
    "{% do x.y() %}",
    "{{ caller() }}",
    "{{ x is callable }}",
    "{{ x|default(y) }}",
    "{{ x|default(**y) }}",
    "{{ x|truncate(10**9) }}",
    "{{ x|truncate(-1) }}",
    "{{ x|number(99999) }}",
    "{{ x|join('a' * 9) }}",
    "{{ " + "(" * 3000 + "x" + ")" * 3000 + " }}",
    "{{ " + "not " * 3000 + "x }}",
    "{{ x" + "|upper" * 3000 + " }}",
    "{{ x" + ".y" * 3000 + " }}",
    "{{ " + "9" * 10_000 + " }}",
    "{% if x %}" * 3000 + "{% endif %}" * 3000,
]


class Trap:
    """An object that must not be looked at."""

    touched = False

    def __getattribute__(self, name: str) -> object:
        if name not in ("__class__",):
            type.__setattr__(Trap, "touched", True)
        return object.__getattribute__(self, name)

    def __getitem__(self, name: object) -> object:
        type.__setattr__(Trap, "touched", True)
        return name


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_do_nothing(source: str) -> None:
    """No attribute is read, nothing is called, and it takes no time: what is not refused has no value."""
    Trap.touched = False
    began = time.process_time()
    found = read(source)
    parts = fill(source, {"x": Trap()}, ENGLISH)
    assert time.process_time() - began < 2
    assert not Trap.touched
    if not found.flaws:
        assert all(isinstance(part, Hole) or not getattr(part, "text", part).strip() for part in parts)
    else:
        assert parts == [Hole("?")]


@pytest.mark.parametrize(
    ("source", "line", "column", "said"),
    [
        ("{{ a|defalt('x') }}", 1, 6, "default"),
        ("one\n  {{ b | uper }}", 2, 10, "upper"),
        ("{{ a", 1, 1, "unexpected end"),
        ("one\ntwo {% if %}x{% endif %}", 2, 5, "Expected an expression"),
        ("{{ a|date('long', 1) }}", 1, 6, 'date("medium")'),
        ("{{ a if b }}", 1, 1, '"else"'),
    ],
)
def test_what_is_wrong_is_told_with_its_place(source: str, line: int, column: int, said: str) -> None:
    """Line and column, and what would be right."""
    (flaw,) = read(source).flaws
    told = flaw.message.format(where="", line=flaw.line, column=flaw.column, **flaw.values)
    assert (flaw.line, flaw.column) == (line, column)
    assert said in told


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ name }}", "Ada"),
        ("{{ name | upper }}", "ADA"),
        ("{{ none | default('friend') }}", "friend"),
        ("{{ none | default('') }}.", "."),
        ("{{ blank | default('b') }}", "b"),
        ("{% if none %}a{% elif count > 2 %}b{% else %}c{% endif %}", "b"),
        ("{% if none > 1 or not none %}a{% endif %}", "a"),
        ("{% if name in ['Ada', 'Bob'] and count != 4 %}yes{% endif %}", "yes"),
        ("{{ 'many' if count >= 3 else 'few' }}", "many"),
        ("{{ name ~ '!' }}", "Ada!"),
        ("{{ count | number(2) }}", "3.00"),
        ("{{ tags | join(' / ') }}", "a / b"),
        ("{{ tags }}", "a, b"),
        ("{{ long | truncate(5) }}", "long…"),
        ('{{ keyed.of["tea"] }}', "7"),
        ("{# a remark #}x", "x"),
        ("{{ gone }}", "[gone]"),
        ("{{ gone ~ 'x' }}", "[gone]"),
    ],
)
def test_texts_are_filled_in(source: str, expected: str) -> None:
    """Names, fallbacks, conditions and filters say what they say."""
    values = {"name": "Ada", "count": 3, "tags": ["a", "b"], "blank": " ", "long": "long text", 'keyed.of["tea"]': 7}
    assert plain(fill(source, values, ENGLISH)) == expected


@given(st.text(max_size=60), st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_no_text_and_no_value_makes_markup(source: str, value: str) -> None:
    """Whatever is written and whatever comes from a value: elements are ours alone, and the value is read as it is."""
    import re
    from html import unescape

    parts = [source.replace("<", ""), Filled(value)]
    html = as_html(parts, Look())
    tags = set(re.findall(r"<(/?[a-z]+)", html))
    assert tags <= {"p", "/p", "ul", "/ul", "ol", "/ol", "li", "/li", "strong", "/strong", "em", "/em", "br", "a", "/a"}
    if "<" in value:
        assert value.count("<") <= unescape(html).count("<")
    assert isinstance(as_text(parts), str)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://x.example/a?b=c#d", True),
        ("mailto:a@x.example", True),
        ("tel:+8613800138000", True),
        ("HTTPS://x.example", True),
        ("http://x.example", True),
        ("https://[::1", False),
        ("ftp://x.example", False),
        ("x.example", False),
        ("", False),
        ("https://x.example/\u2028a", False),
        ("https://" + "x" * 3000, False),
    ],
)
def test_addresses_that_messages_may_lead_to(url: str, good: bool) -> None:
    """Whole addresses of a few schemes."""
    assert (safe_url(url) is not None) == good
