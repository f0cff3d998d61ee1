"""An installation of one's own for each test of the command line, and a way to call it in this process."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from click.testing import CliRunner

DATABASE = "data/crmkit.db"


@frozen(kw_only=True)
class Call:
    """What one call printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the one JSON document that was printed; anything beside it fails the test."""
        return json.loads(self.out)


@frozen
class Crmkit:
    """The command line, called in this process; ``home`` is named by ``CRMKIT_HOME`` unless it is None, and a copy of
    ``pristine`` where that is named."""

    home: Path | None
    folder: Path
    pristine: Path | None = None

    def __call__(self, *arguments: str, input: str | None = None, env: dict[str, str] | None = None) -> Call:
        """Call it with arguments and return what came of it."""
        from crmkit.cli.root import root

        clean = {name: None for name in os.environ if name.startswith("CRMKIT_")}
        wanted = {
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "CRMKIT_HOME": str(self.home) if self.home is not None else None,
            **(env or {}),
        }
        result = CliRunner(env={**clean, **wanted}).invoke(root, list(arguments), input=input, prog_name="crmkit")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Call(code=result.exit_code, out=result.stdout, err=result.stderr)

    def ok(self, *arguments: str, **options: Any) -> Call:
        """Call it and require that it succeeds."""
        done = self(*arguments, **options)
        assert (done.code, done.err) == (0, ""), done
        return done

    def json(self, *arguments: str) -> Any:
        """Call it with ``--json``, require that it succeeds and return the document."""
        return self.ok(*arguments, "--json").json

    def has(self, *plugins: str) -> None:
        """Begin with plugins enabled, in this order: by the command line once in a process, and copied from then on."""
        assert self.home is not None
        assert self.pristine is not None
        assert filecmp.cmp(self.pristine / DATABASE, self.home / DATABASE, shallow=False), "something was done before"
        made = self.pristine.parent / "-".join(plugins) / self.pristine.name
        if not made.exists():
            shutil.copytree(self.pristine, made)
            for each in plugins:
                Crmkit(made, self.folder).ok("plugin", "enable", each, "--yes", "--quiet")
        shutil.rmtree(self.home)
        shutil.copytree(made, self.home)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation as ``crmkit init`` leaves it, to be copied."""
    home = tmp_path_factory.mktemp("pristine") / "shop"
    crmkit = Crmkit(home, home.parent)
    crmkit.ok(
        "init", "--yes", "--name", "Shop", "--currency", "CNY", "--zone", "Asia/Shanghai", "--country", "CN",
        "--language", "en",
    )  # fmt: skip
    return home


@pytest.fixture
def crmkit(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crmkit:
    """The command line on an installation of this test alone; the current folder is an empty one."""
    home = tmp_path / "shop"
    shutil.copytree(pristine, home)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return Crmkit(home, here, pristine)


@pytest.fixture
def homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crmkit:
    """The command line in an empty folder, where no installation is named."""
    monkeypatch.chdir(tmp_path)
    return Crmkit(None, tmp_path)


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Standard input that says it is a terminal, so that questions are asked."""
    from click.testing import _NamedTextIOWrapper

    monkeypatch.setattr(_NamedTextIOWrapper, "isatty", lambda self: self.name == "<stdin>", raising=False)
    return


Json = Callable[..., Any]
