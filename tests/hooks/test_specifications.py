"""The specifications, their policies and their docstrings agree."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from crmkit.errors import HookError
from crmkit.hooks import specs
from crmkit.hooks.catalogue import kernel_specifications, read_specifications
from crmkit.hooks.policies import BEHAVIOUR, FIRST, POLICIES
from tests.hooks.modules import module

HOOKS = kernel_specifications()


def test_every_hook_has_a_policy_and_every_policy_a_hook() -> None:
    """The table and the specifications name the same hooks, in the same order."""
    defined = [node.name for node in ast.parse(inspect.getsource(specs)).body if isinstance(node, ast.FunctionDef)]
    assert defined == list(POLICIES)
    assert defined == list(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_docstring_states_when_none_errors_and_since(name: str) -> None:
    """Each docstring has a first line, says when and what None means, and states the policy of the table."""
    doc = HOOKS[name].doc
    first, _, rest = doc.partition("\n")
    assert first.endswith(".")
    for word in ("When: ", "None: ", "Errors: "):
        assert len(re.findall(f"^{word}", rest, re.MULTILINE)) == 1, word
    assert re.search(rf"^Errors: {HOOKS[name].policy.errors}\b.* Since \d+\.\d+\.$", rest, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name, hook in HOOKS.items() if hook.arguments])
def test_docstring_says_what_each_argument_is(name: str) -> None:
    """The Arguments line mentions every argument by name, or by the noun that it is made of."""
    (line,) = re.findall(r"^Arguments: (.*?)^None: ", HOOKS[name].doc, re.MULTILINE | re.DOTALL)
    unnamed = [
        argument
        for argument in HOOKS[name].arguments
        if argument not in line and argument.removesuffix("s").removesuffix("_id") not in line
    ]
    assert unnamed == []


def test_every_argument_and_result_is_annotated() -> None:
    """No hook leaves a type to be guessed."""
    for name in HOOKS:
        signature = inspect.signature(getattr(specs, name))
        assert signature.return_annotation is not inspect.Signature.empty, name
        assert all(each.annotation is not inspect.Parameter.empty for each in signature.parameters.values()), name


def test_specifications_read_in_one_sitting() -> None:
    """The file stays short enough to be read from top to bottom."""
    assert len(inspect.getsource(specs).splitlines()) <= 540


def test_hooks_load_no_database_layer() -> None:
    """The whole of crmkit.hooks imports neither SQLAlchemy nor Jinja2 nor alembic."""
    folder = Path(specs.__file__).parent
    names = ", ".join(f"crmkit.hooks.{path.stem}" for path in sorted(folder.glob("*.py")) if path.stem != "__init__")
    code = f"import {names}, sys; print(sorted({{'sqlalchemy', 'jinja2', 'alembic'}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder.parents[1])
    assert done.stdout.strip() == "[]", done.stderr


def test_plugin_defines_hooks_of_its_own() -> None:
    """A plugin's hooks are read with its prefix; without a policy a first result is strict and all others isolated."""
    found = read_specifications(
        "service",
        module(
            "service", "@hookspec(firstresult=True)\ndef service_route(case): ...\n@hookspec\ndef service_tags(): ..."
        ),
    )
    assert {name: each.policy for name, each in found.items()} == {
        "service_route": FIRST,
        "service_tags": evolve(BEHAVIOUR, many=False),
    }


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("@hookspec\ndef crmkit_more(): ...", 'must begin with "service_"'),
        ("@hookspec\ndef service_tags(*, case): ...", 'Argument "case" must be a plain one'),
        ("@hookspec\ndef service_tags(case=None): ...", 'Argument "case" must be a plain one'),
        ("@hookspec(historic=True)\ndef service_tags(): ...", "historic"),
        ("def service_tags(): ...", "defines no hooks"),
    ],
)
def test_wrong_specification_is_refused(source: str, complaint: str) -> None:
    """A specification that the dispatcher could not keep is refused with its plugin's name."""
    with pytest.raises(HookError) as caught:
        read_specifications("service", module("service", source))
    assert complaint in str(caught.value)
    assert caught.value.plugin == "service"
