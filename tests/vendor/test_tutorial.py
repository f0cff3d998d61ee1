"""docs/tutorial-plugin.md is followed to the letter: every file and every command, in order, in clean environments."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from attrs import define, field, frozen

from tests.vendor.wheels import ROOT, Environment, build_wheel, make_environment

PAGE = (ROOT / "docs" / "tutorial-plugin.md").read_text("utf-8")
BLOCK = re.compile(
    r"^\*You are in (?P<folder>[^*\n]+)\.\*$"
    r"|^(?:(?:In )?`(?P<file>[\w./-]+)`, (?P<how>the whole file|a new file|replace):?\n\n|(?P<by>by)\n\n)?"
    r"```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

SAYS: Mapping[str, Sequence[str]] = {
    "crmkit plugin new": ("crmkit-loans",),
    "pytest": ("passed",),
    "crmkit --home shop init": ("One-time code:",),
    "crmkit plugin enable loans": ("loans.item.create", "Enabled: loans"),
    "crmkit role grant admin loans.item": ("loans.item",),
    "crmkit role grant admin export": ("export", "run"),
    "crmkit customer add": ("Li Na",),
    "crmkit db revision": ("loans_0002",),
    "crmkit fact list": ("loans.overdue",),
    "crmkit segment count": ("1",),
    "crmkit rule test": ("interaction.record",),
    "crmkit customer show": ("Li Na", "@example.com"),
    "crmkit run loans.item.create customer_id=ID title=Grinder": ("Grinder",),
    "crmkit report run loans.out": ("Grinder", "Kettle"),
    "crmkit report run loans.out --output": ("out.pdf",),
    "ruff format": ("left unchanged",),
    "crmkit plugin check": ("Grade of loans: gold",),
    "clean/bin/crmkit --home second plugin enable": ("Enabled: loans",),
    "clean/bin/crmkit --home second report run": ("There is nothing to show.",),
}
"""What the output of a command has to contain, by how the command begins; the longest beginning counts."""


@frozen(kw_only=True)
class Block:
    """One block of the page: commands, a file, one of the two halves of a replacement, or where one is."""

    language: str | None = None
    text: str = ""
    file: str | None = None
    how: str | None = None
    folder: str | None = None


BLOCKS = [
    Block(
        language=each["language"],
        text=each["text"] or "",
        file=each["file"],
        how=each["how"] or each["by"],
        folder=each["folder"],
    )
    for each in BLOCK.finditer(PAGE)
]


@define(kw_only=True)
class Reader:
    """Somebody who does what the page says, without a network: what pip would fetch is here already."""

    folder: Path
    kernel: Path
    here: Path = field()
    environments: dict[str, Environment] = field(factory=dict)
    outputs: list[tuple[str, str]] = field(factory=list)
    server: subprocess.Popen[str] | None = None
    code: str = ""
    customer: str = ""

    @here.default
    def _at_first(self) -> Path:
        return self.folder

    @property
    def plugin(self) -> Path:
        """Return the folder of the plugin."""
        return self.folder / "crmkit-loans"

    def do(self, block: Block) -> None:
        """Write a file of the page, carry out its commands, or hold where one is against what it says of that."""
        if block.folder is not None:
            assert self.here == (self.folder if block.folder == "the folder" else self.folder / block.folder.strip("`"))
            return
        if block.file is not None:
            path = self.plugin / block.file
            assert path.exists() == (block.how == "the whole file"), f"{block.file}: {block.how}"
            path.write_text(block.text, encoding="utf-8")
            return
        for line in block.text.splitlines():
            assert line.startswith("$ "), line
            self.command(line.removeprefix("$ "))

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace a passage, which has to stand in the file exactly once."""
        path = self.plugin / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{file} has this {text.count(old)} times:\n{old}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def command(self, line: str) -> None:
        """Carry out one command as a person would, and hold its output against what it should say."""
        words = shlex.split(line)
        if words[0] == "cd":
            self.here = (self.here / words[1]).resolve()
        elif words[:3] == ["python3", "-m", "venv"]:
            (self.folder / f"of_{words[3]}").mkdir()
            self.environments[words[3]] = make_environment(self.folder / f"of_{words[3]}")
        elif "install" in words:
            self.install(words)
        elif words[:2] == ["crmkit", "serve"]:
            self.serve(words[2:])
        elif words[0] == ".":
            # Another terminal, which is opened in the folder that the environment is in.
            self.here = self.folder
        else:
            self.run(line, words)

    def install(self, words: Sequence[str]) -> None:
        """Install what pip is told to: crmkit from its wheel, the plugin from its folder or its own wheel."""
        environment = self.environments["clean" if words[0].startswith("clean") else "venv"]
        wheels = [self.here / word for word in words if word.endswith(".whl")]
        if any(word.startswith("crmkit[") for word in words):
            wheels.insert(0, self.kernel)
        if "-e" in words:
            # As pip does it: the metadata is in the environment, the code in the folder.
            wheel = build_wheel(self.here, self.folder)
            environment.install(wheel)
            (site,) = environment.folder.glob("lib/python*/site-packages")
            (site / "crmkit_loans").rename(self.folder / "not_this_one")
            (site / "loans.pth").write_text(f"{self.here}\n", encoding="utf-8")
        elif wheels:
            environment.install(*wheels)

    def run(self, line: str, words: list[str]) -> None:
        """Run a program, in the environment that is active or in the one that is named."""
        typed = None
        if words[0] == "pytest":
            # The conformance takes long, and tests of the scaffold ask it of what is there at first.
            first = not any(each.startswith("pytest") for each, _printed in self.outputs)
            left_out = ["--deselect", "tests/test_conformance.py"] if first else []
            words = ["python", "-m", "pytest", *left_out, *words[1:]]
        if words[:3] == ["python", "-m", "build"]:
            words.append("--no-isolation")
        if words[:3] == ["crmkit", "plugin", "enable"] and "--yes" not in words:
            words.append("--yes")  # there is nobody at the terminal who could be asked
        if words[:3] == ["crmkit", "user", "redeem"]:
            typed = f"{self.code}\na long sentence of ada\n"
        if words[0].startswith("clean/bin/"):
            words = [str(self.environments["clean"].folder / "bin" / words[0].removeprefix("clean/bin/")), *words[1:]]
        words = [word.replace("=ID", f"={self.customer}") for word in words]
        done = subprocess.run(
            words,
            cwd=self.here,
            env=self.surroundings(),
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == 0, f"{line}\n{printed[-6000:]}"
        self.outputs.append((line, printed))
        self.code = self.code or "".join(re.findall(r"One-time code: (\S+)", printed))
        self.customer = self.customer or "".join(re.findall(r"^Id +(\S+)$", printed, re.MULTILINE)[:1])
        expected = max((start for start in SAYS if line.startswith(start)), key=len, default=None)
        for text in SAYS[expected] if expected is not None else ():
            assert text in printed, f"{line} does not say {text!r}:\n{printed}"

    def serve(self, options: Sequence[str]) -> None:
        """Start the server and read a page, on another port than the usual one, which may be taken. It is not left
        running, as the page says: that it takes up each change has tests of its own, and would slow this one down."""
        if self.server is None:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            with (self.folder / "server.log").open("w", encoding="utf-8") as log:
                self.server = subprocess.Popen(
                    ["crmkit", "serve", "--port", str(port), *options],
                    cwd=self.here,
                    env=self.surroundings(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    text=True,
                )
            self.answers(f"http://127.0.0.1:{port}/sign-in")
            self.close()
            # What is added in the browser.
            due_on = date.today() + timedelta(days=1)
            line = f"crmkit run loans.item.create customer_id=ID title=Kettle due_on={due_on}"
            self.run(line, shlex.split(line))

    def answers(self, address: str) -> None:
        """Wait until the server shows a page."""
        until = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(address, timeout=5) as response:
                    assert response.status == 200
                    return
            except OSError:
                log = (self.folder / "server.log").read_text("utf-8")
                assert self.server is not None
                assert self.server.poll() is None, log
                assert time.monotonic() < until, log
                time.sleep(0.1)

    def surroundings(self) -> dict[str, str]:
        """Return the environment variables of a terminal in which the environment is active."""
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("CRMKIT_", "PYTEST", "PYTHON"))
        }
        bin_of = self.environments["venv"].folder / "bin"
        path = os.pathsep.join([str(bin_of), str(Path(sys.executable).parent), clean.get("PATH", "")])
        return {**clean, "PATH": path, "PYTHONUTF8": "1", "NO_COLOR": "1", "COLUMNS": "200", "LANG": "C.UTF-8"}

    def close(self) -> None:
        """Stop the server."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(30)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Somebody with an empty folder and crmkit's wheel."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    folder = tmp_path / "folder"
    folder.mkdir()
    made = Reader(folder=folder, kernel=build_wheel(ROOT, wheels))
    yield made
    made.close()


def test_every_block_is_a_step() -> None:
    """There is no code on the page that nobody runs, each half of a replacement has the other, and each step begins by
    saying where one is."""
    fenced = [each for each in BLOCKS if each.language is not None]
    assert len(fenced) == PAGE.count("\n```") // 2
    assert [each.text for each in fenced if each.how is None and each.language != "console"] == []
    halves = [each.how for each in fenced if each.how in ("replace", "by")]
    assert halves == ["replace", "by"] * (len(halves) // 2)
    steps = re.findall(r"^## \d+\..*\n\n(.*)$", PAGE, re.MULTILINE)
    assert [each for each in steps if not each.startswith("*You are in ")] == []


def test_the_steps_take_as_long_as_the_title_says() -> None:
    """An hour in all."""
    assert sum(map(int, re.findall(r"^## \d+\..*\((\d+) minutes\)$", PAGE, re.MULTILINE))) == 60


def test_it_leads_from_an_empty_folder_to_a_wheel_that_works(reader: Reader) -> None:
    """Every command succeeds and says what the page says; the last check has nothing against the plugin."""
    old: Block | None = None
    for block in BLOCKS:
        if block.how == "replace":
            old = block
        elif block.how == "by":
            assert old is not None
            reader.replace(str(old.file), old.text, block.text)
        else:
            reader.do(block)
    assert len([line for line, _printed in reader.outputs if line.startswith("pytest")]) >= 3
    first, second = (printed for line, printed in reader.outputs if line == "crmkit db upgrade")
    assert ("loans_0002" in first, "loans.item.extend" in first) == (True, False)
    assert ("loans_0002" in second, "loans.item.extend" in second) == (False, True)
