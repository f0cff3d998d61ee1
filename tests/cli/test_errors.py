"""Every failure ends with one line and a documented exit code, and never with a traceback."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crmkit import errors
from crmkit.cli.errors import EXIT_CODES, exit_code
from crmkit.errors import CrmkitError, all_errors
from tests.cli.conftest import Crmkit


@pytest.mark.parametrize("cls", [cls for cls in all_errors() if cls is not CrmkitError])
def test_every_error_has_a_documented_exit_code(cls: type[CrmkitError]) -> None:
    """An error of crmkit's own that is not the code's own fault never ends with 1."""
    made = cls("x")
    own_fault = (errors.InternalError, errors.WriteOutsideOperation, errors.NestingTooDeep, errors.GuardRefused)
    assert (exit_code(made) == 1) is isinstance(made, own_fault)
    assert exit_code(made) in EXIT_CODES


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nonsense"], 2, 'no command "nonsense"'),
        (["plugi"], 2, '"plugin"'),
        (["customer", "lis"], 2, '"list"'),
        (["--nonsense"], 2, "no option --nonsense"),
        (["user", "list", "--jsn"], 2, "--json"),
        (["user", "add", "anna"], 2, "NAME is missing"),
        (["user", "add", "a", "b", "c"], 2, "CK900"),
        (["job", "list", "--limit", "many"], 2, "--limit"),
        (["run", "team.create", "nam=x"], 3, '"name"'),
        (["run", "team.create", "name"], 2, "field=value"),
        (["run", "team.crate"], 5, '"team.create"'),
        (["run", "team.update", "name=x"], 5, "CK501"),
        (["run", "team.update", "name=x", "--target", "what?"], 5, "what?"),
        (["--as", "nobody", "user", "list"], 2, "CRMKIT_TOKEN"),
        (["customer", "show", "nobody"], 5, "nobody"),
        (["plugin", "info", "nothing"], 5, "nothing"),
        (["plugin", "enable", "nothing", "--yes"], 5, "nothing"),
        (["plugin", "disable", "nothing"], 6, "nothing"),
        (["plugin", "purge", "nothing"], 6, "nothing"),
        (["restore", "/no/such/backup"], 7, "/no/such/backup"),
        (["--language", "tlh", "user", "list"], 7, "tlh"),
        (["job", "retry", "0197a1b2-0000-7000-8000-000000000000"], 5, "0197a1b2"),
        (["option", "list", "nonsense"], 5, "nonsense"),
        (["field", "retire", "nonsense"], 5, "nonsense"),
        (["interaction", "list", "--after", "nonsense"], 3, "nonsense"),
        (["interaction", "list", "--since", "nonsense"], 3, "--since"),
        (["interaction", "add", "nonsense"], 3, "nonsense"),
    ],
)
def test_bad_input_ends_with_its_code_and_one_message(
    crmkit: Crmkit, arguments: list[str], code: int, says: str
) -> None:
    """What is wrong is said on standard error with a code, and nothing is printed beside it."""
    done = crmkit(*arguments)
    assert (code, "") == (done.code, done.out), done
    assert done.err.startswith("error CK")
    assert says in done.err
    assert "Traceback" not in done.err


def test_an_error_can_be_read_by_a_program(crmkit: Crmkit) -> None:
    """With ``--json`` the error is the one document, on standard output."""
    done = crmkit("run", "team.create", "nam=x", "--json")
    assert (done.code, done.err) == (3, "")
    error = done.json["error"]
    assert (error["code"], error["exit_code"]) == ("CK500", 3)
    assert [problem["field"] for problem in error["problems"]] == ["name", "nam"]
    assert error["problems"][1]["hint"] == 'Did you mean "name"?'


def test_an_error_of_use_can_be_read_by_a_program(crmkit: Crmkit) -> None:
    """Also what is wrong with the call itself is a document where one was asked for."""
    done = crmkit("user", "list", "--nonsense", "--json")
    assert (done.code, done.err, done.json["error"]["code"]) == (2, "", "CK900")


def test_what_is_no_text_is_refused() -> None:
    """Bytes that are not UTF-8 are refused before anything looks at them."""
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"crmkit", b"customer", b"show", b"\xff"], capture_output=True, cwd=ROOT
    )
    assert (done.returncode, b"CK900" in done.stderr) == (2, True)


def test_several_problems_have_a_line_each(crmkit: Crmkit) -> None:
    """An input with several mistakes is told all of them at once."""
    done = crmkit("run", "user.create", "login:=1", "nam=x")
    assert done.code == 3
    assert [field in done.err for field in ("login:", "name:", "nam:")] == [True, True, True]
    assert len(done.err.splitlines()) == 4


def test_a_missing_installation_is_named(homeless: Crmkit) -> None:
    """Without an installation the way to one is shown; a named folder that is none is named."""
    assert ((done := homeless("user", "list")).code, "init" in done.err) == (7, True)
    assert ((done := homeless("--home", "there", "user", "list")).code, "there" in done.err) == (7, True)


def test_settings_that_cannot_be_read_are_named(crmkit: Crmkit) -> None:
    """A broken ``crmkit.toml`` is named with the reason."""
    (crmkit.home / "crmkit.toml").write_text("database = ", encoding="utf-8")
    done = crmkit("user", "list")
    assert (done.code, "crmkit.toml" in done.err) == (7, True)


def test_a_database_that_is_none_is_named(crmkit: Crmkit) -> None:
    """A file that is no database gives one line and code 7."""
    (crmkit.home / "data" / "crmkit.db").write_bytes(b"no database at all " * 100)
    done = crmkit("user", "list")
    assert (done.code, len(done.err.splitlines())) == (7, 1), done


def test_an_empty_database_says_how_to_set_it_up(crmkit: Crmkit) -> None:
    """A database without tables names the command that makes them."""
    (crmkit.home / "data" / "crmkit.db").unlink()
    done = crmkit("user", "list")
    assert (done.code, "crmkit init" in done.err) == (7, True)


def test_a_refusal_ends_with_4(crmkit: Crmkit) -> None:
    """A user who has left cannot act any more."""
    crmkit.ok("user", "add", "bob", "Bob", "--role", "seller")
    token = crmkit.json("token", "create", "x", "--scope", "*", "--for", "bob")["token"]
    crmkit.ok("user", "list", env={"CRMKIT_TOKEN": token})
    crmkit.ok("user", "deactivate", "bob", "--yes")
    assert crmkit("user", "list", env={"CRMKIT_TOKEN": token}).code == 4


def test_a_stale_version_and_a_used_key_end_with_6(crmkit: Crmkit) -> None:
    """A conflict has a code of its own, so that a script can read again and repeat."""
    team = crmkit.json("run", "team.create", "name=A", "--key", "k")["result"]
    assert team == crmkit.json("run", "team.create", "name=A", "--key", "k")["result"]
    assert crmkit("run", "team.create", "name=B", "--key", "k").code == 6
    crmkit.ok("run", "team.update", "name=C", "--target", team["id"], "--version", "1")
    assert crmkit("run", "team.update", "name=D", "--target", team["id"], "--version", "1").code == 6


ROOT = Path(__file__).resolve().parents[2]
NASTY = (
    "\x00",
    "\ud800",
    "",
    " ",
    "=",
    "%s",
    "{}",
    "{name}",
    "'\"",
    "\x1b[31m",
    "-",
    "--",
    "~",
    "@",
    ":",
    "|",
    "a" * 70_000,
)


@pytest.mark.parametrize(
    "words",
    [
        ["customer", "add", "name={}"],
        ["customer", "list", "--where", "{}"],
        ["customer", "list", "--where", "city={}"],
        ["customer", "list", "--sort", "{}"],
        ["customer", "list", "--after", "{}"],
        ["customer", "list", "--columns", "{}"],
        ["customer", "show", "{}"],
        ["customer", "show", "a:{}"],
        ["customer", "timeline", "x", "--after", "{}"],
        ["interaction", "add", "{}"],
        ["interaction", "list", "--since", "{}"],
        ["interaction", "list", "--after", "{}"],
        ["run", "{}"],
        ["run", "team.create", "name={}", "--key", "{}"],
        ["run", "team.update", "name=x", "--target", "{}"],
        ["field", "add", "{}", "--type", "{}"],
        ["option", "add", "{}", "{}"],
        ["--user", "{}", "user", "list"],
        ["product", "list", "--search", "{}", "--after", "{}"],
        ["plugin", "info", "{}"],
        ["import", "{}", "--yes"],
        ["restore", "{}"],
    ],
    ids=" ".join,
)
def test_nothing_that_is_typed_is_an_internal_error(crmkit: Crmkit, words: list[str]) -> None:
    """Whatever a word holds, the call succeeds or says what is wrong with it; it never fails by itself."""
    ended = {text[:10]: crmkit(*(word.replace("{}", text) for word in words)).code for text in NASTY}
    assert {text: code for text, code in ended.items() if code not in (0, 2, 3, 5, 6, 7)} == {}


# --- what should not happen ------------------------------------------------------------------------------------------


def broken(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a command fail as a mistake in the code would."""
    from crmkit.app import CRM

    def fail(self: CRM, *arguments: object, **values: object) -> object:
        raise KeyError("Li Wei's secret")

    monkeypatch.setattr(CRM, "run", fail)


def test_an_unexpected_error_is_one_line_and_a_file(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback goes to a file that its owner alone can read; what the exception says is not shown."""
    broken(crmkit, monkeypatch)
    done = crmkit("run", "team.create", "name=x")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "CK999" in done.err
    assert "secret" not in done.err
    (log,) = (crmkit.home / "data" / "logs").iterdir()
    assert str(log) in done.err
    assert "KeyError" in log.read_text("utf-8")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_traceback_is_shown_when_it_is_asked_for(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """``CRMKIT_DEBUG=1`` prints the traceback as well."""
    broken(crmkit, monkeypatch)
    done = crmkit("run", "team.create", "name=x", env={"CRMKIT_DEBUG": "1"})
    assert (done.code, "Traceback (most recent call last)" in done.err) == (1, True)


def run(home: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``$CRMKIT`` is the command line."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRMKIT_")},
        "CRMKIT": f"{sys.executable} -m crmkit",
        "CRMKIT_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, timeout=60)


def test_a_closed_pipe_is_silent(crmkit: Crmkit) -> None:
    """A reader that goes away is no error that anybody has to read."""
    done = run(crmkit.home, '$CRMKIT option list | head -c1 >/dev/null; echo "${PIPESTATUS[0]}"')
    assert (done.stderr, done.stdout.strip().removeprefix("141").removeprefix("0")) == ("", "")


def test_an_interruption_ends_with_130(crmkit: Crmkit) -> None:
    """Ctrl-C ends with the usual code and one word."""
    code = (
        "import crmkit.app, crmkit.cli\n"
        "def fail(*a, **k): raise KeyboardInterrupt\n"
        "crmkit.app.CRM.open = fail\n"
        "crmkit.cli.main()"
    )
    done = run(crmkit.home, f"exec {sys.executable} -c '{code}' user list")
    assert (done.returncode, done.stderr.strip()) == (130, "Interrupted.")


def test_exit_codes_reach_the_shell(crmkit: Crmkit) -> None:
    """A real process ends with the code, and its output is UTF-8 whatever the locale."""
    done = run(crmkit.home, "LC_ALL=POSIX PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 $CRMKIT run team.create name=上海 --json")
    assert (done.returncode, "上海" in done.stdout) == (0, True), done
    assert run(crmkit.home, "$CRMKIT run team.create name=上海").returncode == 6
