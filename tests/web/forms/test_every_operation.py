"""Every operation that there is has a form, and what is typed into it is what the operation gets."""

from __future__ import annotations

import random
import re
from typing import Any

import attrs

from crmkit.app import CRM
from crmkit.core.operations.inputs import fields_of
from crmkit.web.pages.forms import form_of, read_form
from tests.web.conftest import Web
from tests.web.forms.calls import page_call, pages_of, sent_by
from tests.web.forms.filling import fill, put

TEMPLATE = "records/operation.html"


def shown_in(crm: CRM) -> list[str]:
    """Return the operations that have pages: those that are hidden take what only code can make."""
    return [name for name, operation in crm.registry.operations.items() if not operation.hidden]


def test_every_operation_has_a_form_that_renders(plugins_sample: Web) -> None:
    """Each input of each operation has a field with a label, in the form of its own operation."""
    crm = plugins_sample.crm
    call = page_call(crm)
    pages = pages_of(call.doors)
    missing: list[str] = []
    for name, operation in crm.registry.operations.items():
        form = form_of(call, name)
        body = pages.render(
            call,
            TEMPLATE,
            {"operation": operation, "form": form, "action": "/x", "back": "/", "about": "", "danger": False},
            block="form",
        )
        labelled = set(re.findall(r'for="f-([^"]+)"', body)) | set(re.findall(r'id="f-([^"]+)"', body))
        wanted = {attribute.name for attribute, _hint, _info in fields_of(operation.inputs)} - {"custom"}
        if any(each.kind == "money" for each in form.fields):
            wanted -= {"currency"}
        missing.extend(f"{name}: {each}" for each in sorted(wanted - labelled))
    assert [] == missing
    assert len(crm.registry.operations) > 150


def test_what_is_typed_is_what_the_operation_gets(plugins_sample: Web) -> None:
    """Values of every type go into the fields of every operation and come out of it as they were."""
    crm = plugins_sample.crm
    dice = random.Random(7)
    wrong: list[str] = []
    for name in shown_in(crm) * 2:
        form = form_of(page_call(crm), name)
        expected: dict[str, object] = {}
        sent = [("_key", form.key), ("_was", form.was_text)]
        for each in form.fields:
            typed, value = fill(each, dice)
            sent.extend(typed)
            put(expected, each, value)
        reading = read_form(page_call(crm, sent=sent), form)
        for key, value in expected.items():
            if reading.values.get(key, "nothing") != value:
                wrong.append(f"{name} {key}: {value!r} became {reading.values.get(key, 'nothing')!r}")
    assert [] == wrong


def plain(default: Any) -> Any:
    """Return a default as a form sends it: values in lists by their fields."""
    if isinstance(default, tuple) and any(attrs.has(type(each)) for each in default):
        return [attrs.asdict(each) for each in default]
    return default


def test_an_untouched_form_sends_nothing_but_defaults(plugins_sample: Web) -> None:
    """What nobody has typed into leaves updates empty, and gives everything else its default."""
    crm = plugins_sample.crm
    wrong: list[str] = []
    for name in shown_in(crm):
        form = form_of(page_call(crm), name)
        reading = read_form(page_call(crm, sent=sent_by(form)), form)
        specs = {each.name: each.spec for each in form.fields}
        for given, value in reading.values.items():
            spec = specs.get(given)
            if spec is not None and spec.unset:
                wrong.append(f"{name}: {given} was given")
            elif spec is not None and not spec.required and (value or spec.default) and value != plain(spec.default):
                wrong.append(f"{name}: {given} is {value!r}, not {spec.default!r}")
    assert [] == wrong


def test_a_form_is_in_the_language_of_whoever_looks(plugins_sample: Web) -> None:
    """Titles, values of lists and suggestions are translated."""
    form = form_of(page_call(plugins_sample.crm, language="zh_Hans"), "sales.opportunity.create")
    assert "标题" == form.field("title").spec.title
    assert "最好情况" in [each.title for each in form.field("category").choices or ()]
