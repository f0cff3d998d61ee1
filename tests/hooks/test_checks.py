"""A hook module that pluggy would take silently, or refuse at the first mistake, is refused with the full story."""

from __future__ import annotations

import pytest

from crmkit.errors import HookError
from crmkit.hooks.catalogue import kernel_specifications
from crmkit.hooks.checks import check_module
from tests.hooks.modules import module

HOOKS = kernel_specifications()


def complaints(source: str) -> list[str]:
    """Return what is wrong with a module, one text for each problem."""
    with pytest.raises(HookError) as caught:
        check_module("acme", module("acme", source), HOOKS)
    assert caught.value.plugin == "acme"
    assert str(caught.value).startswith('CK201 Plugin "acme": ')
    return [problem.render() for problem in caught.value.problems]


def test_right_module_is_read() -> None:
    """Implementations are returned with the hook that they are for; other functions are left alone."""
    found = check_module(
        "acme",
        module(
            "acme",
            "import crmkit.errors as crmkit_errors\n"
            "def helper(*anything): ...\n"
            "@hookimpl\ndef crmkit_timeline(customer_ids): ...\n"
            "@hookimpl(specname='crmkit_search')\ndef look(text, session): ...\n"
            "@hookimpl(tryfirst=True)\ndef crmkit_resolve_actor(context): ...\n"
            "@hookimpl(optionalhook=True)\ndef loyalty_earn_rules(): ...\n",
        ),
        HOOKS,
    )
    assert [each.hook for each in found] == ["crmkit_timeline", "crmkit_search", "crmkit_resolve_actor"]
    assert [each.name for each in found] == ["crmkit_timeline", "look", "crmkit_resolve_actor"]


def test_unknown_argument_lists_the_known() -> None:
    """An argument that the hook does not have is named, with those that it has and where to read on."""
    assert complaints("@hookimpl\ndef crmkit_timeline(session, actor): ...") == [
        'crmkit_timeline: It takes an argument "actor" that the hook does not have. '
        "Known: session, customer_ids, since, until. See docs/hooks.md#crmkit_timeline."
    ]


def test_hook_without_arguments_knows_none() -> None:
    """For a hook that takes nothing the list says so."""
    (text,) = complaints("@hookimpl\ndef crmkit_reports(session): ...")
    assert "Known: none." in text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "@hookimpl\ndef crmkit_timelines(session): ...",
            'There is no hook "crmkit_timelines". Did you mean "crmkit_timeline"?',
        ),
        (
            "@hookimpl\ndef crmkit_zzzzzzzzz(): ...",
            'There is no hook "crmkit_zzzzzzzzz". All hooks are in docs/hooks.md.',
        ),
        (
            "@hookimpl(specname='crmkit_serch')\ndef look(text): ...",
            'There is no hook "crmkit_serch". Did you mean "crmkit_search"?',
        ),
        ("@hookimpl\ndef helper(): ...", 'There is no hook "helper".'),
        ("def crmkit_models(): ...", "It is named like a hook, but has no @hookimpl."),
        ("crmkit_models = []", "It is named like a hook, but is not a function."),
        ("@hookimpl\nasync def crmkit_models(): ...", 'It is an "async def", and hooks are never awaited.'),
        ("@hookimpl\nasync def crmkit_models():\n    yield 1", 'It is an "async def"'),
        ("@hookimpl\ndef crmkit_models():\n    yield 1", "It yields"),
        ("@hookimpl\ndef crmkit_timeline(session=None): ...", 'Its argument "session" has a default.'),
        ("@hookimpl\ndef crmkit_timeline(*, session): ...", 'Its argument "session" is keyword-only.'),
        ("@hookimpl\ndef crmkit_timeline(*rest): ...", 'It takes "*rest".'),
        ("@hookimpl\ndef crmkit_timeline(**rest): ...", 'It takes "**rest".'),
        ("@hookimpl(wrapper=True)\ndef crmkit_timeline():\n    return (yield)", "It is a wrapper"),
        ("@hookimpl(hookwrapper=True)\ndef crmkit_resolve_actor():\n    yield", "It is a wrapper"),
        ("@hookimpl(tryfirst=True)\ndef crmkit_models(): ...", "It asks to be called first or last"),
        ("@hookimpl(trylast=True)\ndef crmkit_search(): ...", "It asks to be called first or last"),
        (
            "@hookimpl\ndef crmkit_search(): ...\n@hookimpl(specname='crmkit_search')\ndef look(): ...",
            'It implements "crmkit_search", which "crmkit_search" does already.',
        ),
    ],
)
def test_mistake_is_named(source: str, expected: str) -> None:
    """Each kind of mistake has its own sentence."""
    assert any(expected in text for text in complaints(source)), complaints(source)


def test_all_mistakes_are_told_at_once() -> None:
    """Somebody who mends a module sees everything in one run."""
    texts = complaints(
        "@hookimpl\ndef crmkit_modles(): ...\n"
        "def crmkit_facts(): ...\n"
        "@hookimpl\ndef crmkit_search(session, query, limit=5): ...\n"
    )
    assert [text.split(":")[0] for text in texts] == ["crmkit_modles", "crmkit_facts", "crmkit_search", "crmkit_search"]


def test_checked_through_decorators() -> None:
    """A decorator that keeps the function it wraps does not hide its arguments or that it is asynchronous."""
    wrapped = (
        "import functools\n"
        "def logged(function):\n"
        "    @functools.wraps(function)\n"
        "    def inner(*arguments): return function(*arguments)\n"
        "    return inner\n"
        "@hookimpl\n@logged\n"
    )
    (found,) = check_module("acme", module("acme", wrapped + "def crmkit_search(text): ..."), HOOKS)
    assert found.hook == "crmkit_search"
    assert any("never awaited" in text for text in complaints(wrapped + "async def crmkit_search(text): ..."))
