"""docs/hooks.md has every hook as the specifications have it, with an example that would be accepted."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import crmkit
from crmkit.errors import Veto
from crmkit.hooks import contributions, ports
from crmkit.hooks.catalogue import Specification, kernel_specifications
from crmkit.hooks.checks import check_module
from crmkit.i18n import texts
from tests.hooks.modules import module

HOOKS = kernel_specifications()
PAGE = (Path(crmkit.__file__).parents[1] / "docs" / "hooks.md").read_text(encoding="utf-8")
SECTIONS: dict[str, str] = {
    match[1]: match[0]
    for match in re.finditer(r"^### (crmkit_\w+)\(.*?(?=^##|\Z|^<a id)", PAGE, re.MULTILINE | re.DOTALL)
}


def words(text: str) -> str:
    """Return a text without what layout and markup add to it."""
    return " ".join(re.sub(r"\*\*|^- ", "", text, flags=re.MULTILINE).split())


def blocks(name: str) -> list[str]:
    """Return the code of a section: the signature and the example."""
    return re.findall(r"^```python\n(.*?)^```", SECTIONS[name], re.MULTILINE | re.DOTALL)


def normal(code: str) -> str:
    """Return code in one form, whatever its line breaks."""
    return ast.unparse(ast.parse(code))


def test_page_has_every_hook_in_order() -> None:
    """The sections are the hooks of the specifications, each with an anchor that errors point to."""
    assert list(HOOKS) == list(SECTIONS)
    assert list(HOOKS) == re.findall(r'^<a id="(\w+)"></a>$', PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", HOOKS)
def test_section_has_the_exact_signature(name: str) -> None:
    """The heading has the arguments, the first block the whole signature."""
    assert SECTIONS[name].startswith(f"### {name}({', '.join(HOOKS[name].arguments)})\n")
    assert normal(f"def {HOOKS[name].signature}: ...") == normal(blocks(name)[0])


@pytest.mark.parametrize("name", HOOKS)
def test_section_says_what_the_docstring_says(name: str) -> None:
    """What, when, arguments, None and errors are told in the same words in both places."""
    text = re.sub(r"^```python\n.*?^```", "", SECTIONS[name].split("\n", 1)[1], flags=re.MULTILINE | re.DOTALL)
    assert words(HOOKS[name].doc) == words(text)


@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_example_would_be_accepted(hook: Specification) -> None:
    """The example implements the hook and passes the check of hook modules."""
    _, example = blocks(hook.name)
    (implementation,) = check_module("warranty", module("warranty", example), HOOKS)
    assert hook.name == implementation.hook


@pytest.mark.parametrize(
    "name", [name for name in HOOKS if "import" not in blocks(name)[1] and not HOOKS[name].arguments]
)
def test_example_that_needs_no_other_module_runs(name: str) -> None:
    """Such an example returns a list of what its signature promises."""
    made = module("warranty", blocks(name)[1])
    known: dict[str, Any] = {**vars(contributions), **vars(ports), "Veto": Veto, "_": texts("crmkit_warranty")}
    made.__dict__.update({key: value for key, value in known.items() if not key.startswith("__")})
    answer = getattr(made, name)()
    promised = re.search(r"Sequence\[(?:contributions\.)?(\w+)\]", HOOKS[name].signature)
    assert promised
    assert [promised[1]] == sorted({type(each).__name__ for each in answer})


def test_table_of_errors_has_every_policy() -> None:
    """Each policy of the table is explained once."""
    explained = re.findall(r"^\| (\w+) \|", PAGE.split("## What an error costs")[1].split("\n## ")[0], re.MULTILINE)
    assert sorted({hook.policy.errors for hook in HOOKS.values()}) == sorted(set(explained) - {"policy"})
