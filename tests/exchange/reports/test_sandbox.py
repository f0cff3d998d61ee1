"""Templates print names and values, and can do nothing else: no access, and an end in time and memory."""

from __future__ import annotations

import resource
import sys
import time
from typing import Any

import pytest
from markupsafe import Markup

from crmkit.errors import TemplateError
from crmkit.exchange.reports.sandbox import SECONDS, check, render

ROWS = [{"key": f"r{place}", "values": {"n": place, "name": f"<b>{place}</b>"}} for place in range(200)]
CONTEXT: dict[str, Any] = {
    "title": "<script>alert(1)</script>",
    "rows": ROWS,
    "one": 1,
    "long": "ab" * 5000,
    "none": None,
}

# --- what they can do ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ title }}", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("{{ rows[1].values.n + 1 }}", "2"),
        (
            "{% for row in rows[:3] %}{{ loop.index }}{{ row.key }}{% if not loop.last %},{% endif %}{% endfor %}",
            "1r0,2r1,3r2",
        ),
        ("{% macro cell(x) %}<td>{{ x }}</td>{% endmacro %}{{ cell('<') }}", "<td>&lt;</td>"),
        ("{% macro wrap() %}[{{ caller() }}]{% endmacro %}{% call wrap() %}x{% endcall %}", "[x]"),
        ("{% set x = 'a' ~ one %}{{ x | upper }}", "A1"),
        ("{{ rows | map('key') | sort(reverse=true) | first }}", "r99"),
        ("{{ rows | sum('n') if false else [3, 1, 2] | sort | join('-') }}", "1-2-3"),
        ("{{ 'key' in rows[0] }} {{ 1 < 2 < 3 }} {{ one is number }}", "True True True"),
        ("{{ missing | default('nothing') }}{{ none }}", "nothing"),
        ("{{ (7 / 2) | round(1) }} {{ 7 // 2 }} {{ 7 % 2 }} {{ -one }}", "3.5 3 1 -1"),
        ("{{ 'a&b' | replace('&', '<') }}", "a&lt;b"),
        (
            "{% for name, value in rows[2].values | items %}{{ name }}={{ value }};{% endfor %}",
            "n=2;name=&lt;b&gt;2&lt;/b&gt;;",
        ),
        ("{{ {'a': {'b': 7}}.a.b }}", "7"),
        ("{{ chart }}", "<svg/>"),
        ("{{ chart ~ title }}", "<svg/>&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_a_template_prints_names_and_values(template: str, printed: str) -> None:
    """A dot is a key; everything is escaped but what crmkit has drawn itself."""
    assert render(template, {**CONTEXT, "chart": Markup("<svg/>")}) == printed


def test_what_is_missing_is_named() -> None:
    """A name that there is not is no empty text."""
    with pytest.raises(TemplateError, match="'titel' is undefined"):
        render("{{ titel }}", CONTEXT)


def test_a_mistake_is_found_before_printing() -> None:
    """With its line."""
    (problem,) = check("first\n{% for row in %}")
    assert "Line 2" in problem.render()
    assert check("{{ title }}") == []


# --- what they cannot ------------------------------------------------------------------------------------------------

DUNDERS = (
    "__class__",
    "__init__",
    "__globals__",
    "__mro__",
    "__subclasses__",
    "__dict__",
    "__builtins__",
    "__code__",
    "__reduce__",
    "__getattribute__",
    "__doc__",
    "__html__",
    "_TemplateReference__context",
    "environment",
    "format",
    "gi_frame",
)
OBJECTS = ("''", "rows", "rows[0]", "one", "self", "loop_", "(1, 2)", "{}")
ACCESS = [
    *(f"{{{{ {thing}.{name} }}}}" for thing in OBJECTS[:5] for name in DUNDERS),
    *(f"{{{{ ({thing})['{name}'] }}}}" for thing in OBJECTS[5:] + OBJECTS[:2] for name in DUNDERS[:8]),
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ().__class__.__bases__[0].__subclasses__()[40]('/etc/passwd').read() }}",
    "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ lipsum(n=100000) }}",
    "{{ range(10) | list }}",
    "{{ dict(a=1) }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ rows.append({}) }}",
    "{{ rows[0].update({'key': 1}) }}",
    "{{ rows[0].values() }}",
    "{{ rows[0].items() }}",
    "{{ rows[0].pop('key') }}",
    "{{ rows.sort() }}",
    "{{ title.upper() }}",
    "{{ title.encode() }}",
    "{{ '{0.__class__}'.format(rows) }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(one) }}",
    "{{ '%s' % rows }}",
    "{{ '%(x)s' % {'x': rows} }}",
    "{{ '%99999999d' % 1 }}",
    "{{ title | format }}",
    "{{ title | attr('__class__') }}",
    "{{ title | safe }}",
    "{{ rows | tojson }}",
    "{{ rows | pprint }}",
    "{{ title | xmlattr }}",
    "{{ rows | groupby('key') }}",
    "{{ rows | random }}",
    "{{ title | urlize }}",
    "{{ title | wordwrap(1) }}",
    "{{ title | center(1000000000) }}",
    "{{ title | indent(1000000000) }}",
    "{{ rows | batch(1000000000, 'x') | list }}",
    "{{ rows | slice(1000000000) | list }}",
    "{{ title is callable }}",
    "{{ title is filter }}",
    "{{ rows is sameas rows }}",
    "{{ rows is eq rows }}",
    "{{ rows }}",
    "{{ rows[0] }}",
    "{{ self }}",
    "{{ (1, 2) }}",
    "{% macro m() %}{% endmacro %}{{ m }}",
    "{% macro m() %}{% endmacro %}{{ m.__init__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func }}",
    "{% macro m() %}{{ caller }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% macro m() %}{{ varargs }}{% endmacro %}{{ m(1) }}",
    "{% macro m() %}{{ kwargs.__class__ }}{% endmacro %}{{ m(a=1) }}",
    "{% for row in rows %}{{ loop }}{% endfor %}",
    "{% for row in rows %}{{ loop.__class__ }}{% endfor %}",
    "{% for row in rows %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for row in rows %}{{ loop.changed(1) }}{% endfor %}",
    "{% for row in rows %}{{ loop._iterator }}{% endfor %}",
    "{% for char in title %}{{ char }}{% endfor %}",
    "{% set ns = namespace(x=1) %}{{ ns.x }}",
    "{% set rows.x = 1 %}",
    "{% include '/etc/passwd' %}",
    "{% include ['a', 'b'] ignore missing %}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{% extends 'base' %}",
    "{% block x %}{% endblock %}",
    "{% autoescape false %}{{ title }}{% endautoescape %}",
    "{% do rows.append(1) %}",
    "{% debug %}",
    "{% trans %}x{% endtrans %}",
    "{{ super() }}",
    "{{ 2 ** 10 }}",
]


@pytest.mark.parametrize("template", ACCESS)
def test_nothing_but_names_and_values_can_be_reached(template: str) -> None:
    """It is refused, or nothing of Python's insides is printed; and the values are as they were."""
    before = [dict(row) for row in ROWS]
    with pytest.raises(TemplateError):
        render(template, CONTEXT)
    assert before == ROWS


TEN = "{% set l = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] %}"
BOMBS = {
    "a text many times": "{{ 'a' * 1000000000 }}",
    "a number of times a text": "{{ 1000000000 * 'a' }}",
    "a list many times": "{% set x = [1] * 1000000000 %}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a large product": "{% set x = 999999999999 %}{{ x * x }}",
    "a growing product": "{% set x = 99999999 %}" + "{% set x = x * x %}" * 40 + "{{ x }}",
    "a large literal": "{{ " + "9" * 5000 + " }}",
    "shifted": "{{ 1 << 1000000 }}",
    "doubling by ~": "{% set x = long %}" + "{% set x = x ~ x %}" * 60 + "{{ x }}",
    "doubling by +": "{% set x = long %}" + "{% set x = x + x %}" * 60 + "{{ x }}",
    "doubling by a block": "{% set x = long %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 60 + "{{ x }}",
    "doubling by join": "{% set x = long %}" + "{% set x = [x, x] | join %}" * 60 + "{{ x }}",
    "doubling by a separator": "{% set x = long %}" + "{% set x = [x, x] | join(x) %}" * 60 + "{{ x }}",
    "doubling by replace": "{% set x = long %}" + "{% set x = x | replace('a', 'aa') %}" * 60 + "{{ x }}",
    "replacing nothing": "{{ long | replace('', long) }}",
    "doubling by a filter block": "{% set x = long %}{% filter upper %}"
    + "{% set x = x ~ x %}" * 60
    + "{{ x }}{% endfilter %}",
    "doubling by macros": "".join(
        f"{{% macro m{place} %}}{{{{ m{place - 1}() }}}}{{{{ m{place - 1}() }}}}{{% endmacro %}}".replace(
            f"m{place} %", f"m{place}() %"
        )
        if place
        else "{% macro m0() %}xxxxxxxxxx{% endmacro %}"
        for place in range(36)
    )
    + "{{ m35() }}",
    "escaping again and again": "{% set x = '<' %}"
    + "{% set x %}{{ x | string | escape }}{{ x }}{% endset %}" * 60
    + "{{ x }}",
    "nested loops": TEN + "{% for a in l %}" * 9 + "x" + "{% endfor %}" * 9,
    "nested loops over rows": "{% for a in rows %}" * 6 + "{{ a.key }}" + "{% endfor %}" * 6,
    "nested loops that print much": TEN + "{% for a in l %}" * 5 + "x" * 3000 + "{% endfor %}" * 5,
    "a loop within a macro": TEN
    + "{% macro m() %}"
    + "{% for a in l %}" * 6
    + "x" * 2000
    + "{% endfor %}" * 6
    + "{% endmacro %}{{ m() }}",
    "a loop within a block that is set": TEN
    + "{% set x %}"
    + "{% for a in l %}" * 6
    + "{{ long }}"
    + "{% endfor %}" * 6
    + "{% endset %}",
    "loops with conditions": TEN + "{% for a in l if a %}" * 9 + "{% endfor %}" * 9,
    "a recursive loop": "{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a macro that calls itself twice": "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "macros that call each other": "{% macro a() %}{{ b() }}{% endmacro %}"
    "{% macro b() %}{{ a() }}{{ a() }}{% endmacro %}"
    "{{ a() }}",
    "callers that call": "{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}"
    + "{% call m() %}" * 30
    + "x"
    + "{% endcall %}" * 30,
    "comparing lists of lists": "{% set a = [1] %}{% set b = [1] %}"
    + "{% set a = [a, a] %}{% set b = [b, b] %}" * 50
    + "{{ a == b }}",
    "sorting lists of lists": "{% set a = [1] %}{% set b = [1] %}"
    + "{% set a = [a, a] %}{% set b = [b, b] %}" * 50
    + "{{ [a, b] | sort | length }}",
    "the largest of lists of lists": "{% set a = [1] %}{% set b = [1] %}"
    + "{% set a = [a, a] %}{% set b = [b, b] %}" * 50
    + "{{ [a, b] | max | length }}",
    "hashing tuples of tuples": "{% set a = (1,) %}" + "{% set a = (a, a) %}" * 50 + "{{ [a] | unique | length }}",
    "a key of tuples": "{% set a = (1,) %}" + "{% set a = (a, a) %}" * 50 + "{{ {a: 1} }}",
    "looking up tuples of tuples": "{% set a = (1,) %}" + "{% set a = (a, a) %}" * 50 + "{{ {'x': 1}[a] }}",
    "looking for tuples of tuples": "{% set a = (1,) %}" + "{% set a = (a, a) %}" * 50 + "{{ a in {'x': 1} }}",
    "mapping by tuples of tuples": "{% set a = (1,) %}" + "{% set a = (a, a) %}" * 50 + "{{ rows | map(a) | length }}",
    "printing lists of lists": "{% set a = [1] %}" + "{% set a = [a, a] %}" * 50 + "{{ a }}",
    "joining lists of lists": "{% set a = [1] %}" + "{% set a = [a, a] %}" * 50 + "{{ a | join }}",
    "copying in a loop": TEN + "{% for a in l %}" * 5 + "{% set x = rows[:] %}" + "{% endfor %}" * 5,
    "looking through in a loop": TEN + "{% for a in l %}" * 5 + "{{ 5 in rows }}" + "{% endfor %}" * 5,
    "sorting in a loop": TEN + "{% for a in l %}" * 5 + "{% set x = rows | sort('key') %}" + "{% endfor %}" * 5,
    "upper in a loop": TEN + "{% for a in l %}" * 5 + "{% set x = long | upper %}" + "{% endfor %}" * 5,
    "comparing long texts": TEN
    + "{% for a in l %}" * 6
    + "{% if long ~ 'a' == long ~ 'b' %}{% endif %}"
    + "{% endfor %}" * 6,
    "many arguments": "{% macro m() %}{{ varargs | length }}{% endmacro %}"
    + TEN
    + "{% for a in l %}" * 5
    + "{{ m(*rows) }}"
    + "{% endfor %}" * 5,
    "many parentheses": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "many brackets": "{{ " + "[" * 20_000,
    "many terms": "{{ 1" + "+1" * 20_000 + " }}",
    "many negations": "{{ " + "not " * 10_000 + "1 }}",
    "many conditions": "{% if 1 %}" * 3000 + "{% endif %}" * 3000,
    "many filters": "{{ 1" + "|string" * 5000 + " }}",
    "many dots": "{{ rows" + ".a" * 10_000 + " }}",
    "a long template": "x" * 70_000,
    "an unclosed template": "{{ " * 20_000,
    "divided by nought": "{{ 1 / 0 }}",
    "rounded far": "{{ 1.5 | round(99999999999) | string | length * long }}",
    "a long number": "{{ (long | replace('a', '9') | replace('b', '9')) | int }}",
}


MEMORY = 1 << 28
"""Most bytes by which a template may make the process grow."""


def most_memory() -> int:
    """Return the most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("name", BOMBS)
def test_every_template_comes_to_an_end(name: str) -> None:
    """It is refused within the time that a template has, and takes no more memory than its characters may."""
    before, began = most_memory(), time.monotonic()
    with pytest.raises(TemplateError):
        render(BOMBS[name], CONTEXT)
    assert time.monotonic() - began < 2 * SECONDS
    assert most_memory() - before < MEMORY


@pytest.mark.parametrize("name", ["__class__", "__init__", "__globals__"])
def test_a_name_that_a_mapping_does_not_have_is_nothing(name: str) -> None:
    """Going through mappings by a name never ends at an attribute."""
    assert render(f"{{{{ rows | map('{name}') | join }}}}", CONTEXT) == ""


def test_the_hostile_templates_are_many() -> None:
    """As many as were promised, no two alike."""
    assert len({*ACCESS, *BOMBS.values()}) >= 150
