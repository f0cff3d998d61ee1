"""What follows from the code is as the code says: reference pages, and translations that are complete."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from crmkit.errors import CrmkitError, HookError, InvalidInput, NotFound, PluginError, Problem, all_errors, base
from crmkit.i18n import Text, language_of_environment, normalise_language, texts, translate

ROOT = Path(__file__).resolve().parents[1]
_ = texts("crmkit")


@pytest.mark.parametrize("tool", ["reference.py", "texts.py"])
def test_what_is_made_from_the_code_is_up_to_date(tool: str) -> None:
    done = subprocess.run([sys.executable, ROOT / "tools" / tool, "--check"], capture_output=True, text=True)
    assert (0, "") == (done.returncode, "" if done.returncode == 0 else done.stdout[-3000:] + done.stderr[-2000:])


def test_every_code_is_used_once_and_says_what_it_means() -> None:
    found = all_errors()
    assert len({cls.code for cls in found}) == len(found)
    assert all(isinstance(cls.summary, Text) and inspect.getdoc(cls) for cls in found)


@pytest.mark.parametrize("cls", all_errors())
def test_every_error_can_be_shown_in_both_languages(cls: type[CrmkitError]) -> None:
    problems = [Problem(cls.code, cls.summary, field="name")]
    error = cls(problems) if issubclass(cls, (InvalidInput, HookError)) else cls()  # type: ignore[call-arg]
    english, chinese = error.render("en"), error.render("zh_Hans")
    assert str(error) == f"{error.code} {english}"
    assert english != chinese


def test_an_error_names_its_plugin_its_values_and_the_way_out() -> None:
    error = PluginError(_("There is no such record: {id}."), plugin="acme", fix=_("Install crmkit again."), id=7)
    assert 'CK100 Plugin "acme": There is no such record: 7. Install crmkit again.' == str(error)


def test_a_message_with_braces_of_its_own_is_shown_as_it_is() -> None:
    assert "CK501 a {b} c" == str(NotFound("a {b} c"))
    assert "CK500 x {y" == str(InvalidInput("x {y", value=3))


def test_values_of_a_problem_are_filled_in() -> None:
    problem = Problem("CK500", _("The number {value} is too large."), value=12, field="amount")
    assert "amount: The number 12 is too large." == problem.render()


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-CN", "zh_Hans"),
        ("zh_CN.UTF-8", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("en-GB", "en"),
        ("EN", "en"),
        ("de_DE", "de"),
    ],
)
def test_language_tags_are_understood(tag: str, language: str) -> None:
    assert language == normalise_language(tag)


def test_the_environment_chooses_a_language_that_there_is() -> None:
    assert "zh_Hans" == language_of_environment({"LANG": "zh_CN.UTF-8"})
    assert "en" == language_of_environment({"LANG": "de_DE.UTF-8"})
    assert "en" == language_of_environment({"LC_ALL": "C.UTF-8", "LANG": "C"})
    assert "zh_Hans" == language_of_environment({"CRMKIT_LANGUAGE": "zh", "LANG": "en_GB.UTF-8"})


def test_a_text_is_translated_with_its_values() -> None:
    assert "没有“x”这项设置。" == translate(_('There is no setting "{name}".'), "zh_Hans", name="x")
    assert base._("This is required.") == "This is required."
