"""What is printed for people and for programs."""

from __future__ import annotations

import gettext
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from crmkit.cli.output import Column, Output, _aligned, _clean
from tests.cli.conftest import Crmkit

COLUMNS = (Column("name", "Name"), Column("n", "Number", "right"))


@given(
    st.lists(st.tuples(st.text(alphabet="aé上海ｱ", max_size=6), st.text(alphabet="0123456789", max_size=6)), min_size=1)
)
def test_columns_stand_below_each_other(rows: list[tuple[str, str]]) -> None:
    """The second column ends at the same place in every line, however wide the characters are."""
    lines = _aligned(COLUMNS, rows)
    width = max(cell_len(first) for first, _second in rows)
    for line, (first, second) in zip(lines, rows, strict=True):
        assert line.startswith(first)
        if second:
            assert line.endswith(second)
            assert cell_len(line) == width + 2 + max(len(each) for _first, each in rows)


@given(st.text())
def test_nothing_steers_the_terminal(text: str) -> None:
    """Whatever a customer's name holds, what is printed has no control characters but line ends."""
    assert all(char.isprintable() or char == "\n" for char in _clean(text, lines=True))
    assert _clean(text).isprintable()


def test_an_escape_sequence_is_shown_as_signs(crmkit: Crmkit) -> None:
    """A name that would colour the screen is shown harmlessly, and is kept as it is in JSON."""
    crmkit.ok("run", "team.create", "name=a\x1b[31mb")
    printed = crmkit.ok("run", "team.create", "name=c\x1b[31md").out
    assert "\x1b" not in printed
    assert "c\N{REPLACEMENT CHARACTER}[31md" in printed


def test_quiet_prints_data_only(crmkit: Crmkit) -> None:
    """``--quiet`` leaves messages out, and nothing else."""
    assert crmkit.ok("user", "list", "--quiet").out == ""
    crmkit.ok("user", "add", "anna", "Anna")
    assert "anna" in crmkit.ok("user", "list", "-q").out


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chinese catalogue in which every text is translated, whatever the state of the real one."""
    from crmkit import i18n

    class Complete(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return f"〔{message}〕"

    monkeypatch.setattr(i18n, "_catalogue", lambda domain, language: Complete())


def test_messages_are_in_the_language_that_is_asked_for(crmkit: Crmkit, catalogue: None) -> None:
    """The option wins over the terminal, the terminal over the installation."""
    chinese = {"LC_ALL": "zh_CN.UTF-8"}
    wrong = ("run", "team.crate")
    english = 'error CK502 There is no operation "team.crate". Did you mean "team.create"?\n'
    translated = '〔error〕 CK502 〔There is no operation "team.crate".〕 〔Did you mean "team.create"?〕\n'
    assert crmkit(*wrong).err == english
    assert crmkit(*wrong, env=chinese).err == translated
    assert crmkit("--language", "en", *wrong, env=chinese).err == english
    assert crmkit(*wrong, "--language", "zh-CN").err == translated
    assert crmkit(*wrong, env={"CRMKIT_LANGUAGE": "zh", "LC_ALL": "en_GB.UTF-8"}).err == translated
    settings = crmkit.home / "crmkit.toml"
    settings.write_text(settings.read_text("utf-8").replace('"en"', '"zh_Hans"'), "utf-8")
    assert crmkit(*wrong).err == translated
    assert crmkit(*wrong, env={"LC_ALL": "en_GB.UTF-8"}).err == english


def test_help_is_in_the_language_that_is_asked_for(homeless: Crmkit, catalogue: None) -> None:
    """Titles, commands and options of the help are translated, and so are errors of use."""
    shown = homeless.ok("--language", "zh", "customer", "--help").out
    assert all(text in shown for text in ("〔Usage:〕", "〔Commands〕", "〔List, show, add and change customers.〕"))
    options = homeless.ok("customer", "add", "--help", env={"LANG": "zh_CN.UTF-8", "LC_ALL": ""}).out
    assert "〔Idempotency key:" in options
    assert (
        "〔There is no option --x.〕"
        in homeless("user", "list", "--x", "--language", "zh").err
        + homeless("--language", "zh", "user", "list", "--x").err
    )


@pytest.mark.parametrize("place", ["before", "between", "after"])
def test_options_of_crmkit_itself_stand_anywhere(crmkit: Crmkit, place: str) -> None:
    """``--json`` and its kind may stand before the command, between its words and behind them."""
    words = {
        "before": ["--json", "user", "list"],
        "between": ["user", "--json", "list"],
        "after": ["user", "list", "--json"],
    }
    assert crmkit.ok(*words[place]).json == {"items": [], "next": None}


def test_the_current_folder_is_taken_if_it_is_an_installation(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name the current folder counts, and a name wins over it."""
    monkeypatch.chdir(crmkit.home)
    nameless = Crmkit(None, crmkit.home)
    assert nameless.json("user", "list")["items"] == []
    assert nameless("--home", "/no/such/folder", "user", "list").code == 7


def test_a_database_can_be_named_without_an_installation(crmkit: Crmkit) -> None:
    """``CRMKIT_DATABASE`` alone is enough to work with."""
    url = f"sqlite:///{crmkit.home / 'data' / 'crmkit.db'}"
    assert Crmkit(None, crmkit.folder)("user", "list", "--json", env={"CRMKIT_DATABASE": url}).json["items"] == []


def test_somebody_acts(crmkit: Crmkit) -> None:
    """The owner of the token in ``CRMKIT_TOKEN`` acts; else it is the system."""
    anna = crmkit.json("user", "add", "anna", "Anna", "--role", "admin")["result"]
    assert anna["created_by"] == "system"
    token = {"CRMKIT_TOKEN": crmkit.json("token", "create", "x", "--scope", "*", "--for", "anna")["token"]}
    for words in (["run", "team.create", "name=A"], ["--as", "anna", "run", "team.create", "name=B"]):
        assert crmkit.ok(*words, "--json", env=token).json["result"]["created_by"] == f"user:{anna['id']}"


def terminal(home: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Return what a command prints on a terminal."""
    leader, follower = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CRMKIT_LANGUAGE")}
    process = subprocess.Popen(
        [sys.executable, "-m", "crmkit", *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={
            **clean,
            "CRMKIT_HOME": str(home),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
            **(env or {}),
        },
        cwd=Path(__file__).resolve().parents[2],
    )
    os.close(follower)
    printed = io.BytesIO()
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        printed.write(part)
    process.wait(60)
    os.close(leader)
    return printed.getvalue().decode()


def test_a_terminal_gets_lines_and_colour(crmkit: Crmkit) -> None:
    """On a terminal tables have lines and bold headings, unless colour is unwanted."""
    crmkit.ok("user", "add", "anna", "李安娜")
    colourful = terminal(crmkit.home, "user", "list")
    assert ("\x1b[1m" in colourful, "─" in colourful, "李安娜" in colourful) == (True, True, True)
    assert "\x1b[3" not in terminal(crmkit.home, "--no-color", "nonsense")
    assert "\x1b[3" not in terminal(crmkit.home, "nonsense", env={"NO_COLOR": "1"})
    assert "\x1b[1;31m" in terminal(crmkit.home, "nonsense")


def test_progress_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal nothing of a progress bar is printed."""
    output = Output(json=False, quiet=False, color=True, language="en")
    with output.progress("Importing") as advance:
        advance(1, 2)
    assert capsys.readouterr() == ("", "")
