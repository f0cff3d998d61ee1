"""An import of articles that is killed: what is there is whole, and the same import goes on with the rest."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.conftest import DATABASE, Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine

ARTICLES = 1200


def count(home: Path, table: str) -> int:
    """Return how many rows a table has, read past crmkit."""
    connection = sqlite3.connect(home / DATABASE)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def test_a_killed_import_goes_on(crmkit: Crmkit, tmp_path: Path) -> None:
    """Articles have all that belongs to them or are not there; the next run takes the others, and none twice."""
    crmkit.has("knowledge")
    crmkit.ok("run", "knowledge.space.create", "name=help", "title=Help", "audience=public")
    file = tmp_path / "articles.jsonl"
    rows = ({"id": str(each), "title": f"Article {each}", "body": f"Text {each}."} for each in range(ARTICLES))
    file.write_text("\n".join(map(json.dumps, rows)))
    home = crmkit.home
    assert home is not None
    process = subprocess.Popen(
        [sys.executable, "-m", "crmkit", "--home", str(home), "--quiet", "knowledge", "import", str(file)],
        env={name: value for name, value in os.environ.items() if not name.startswith("CRMKIT_")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None and not count(home, "knowledge_article"):
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    there = count(home, "knowledge_article")
    assert 0 < there < ARTICLES
    assert {count(home, f"knowledge_{name}") for name in ("revision", "verification", "public_text")} == {there}
    assert crmkit.json("knowledge", "search", f"Article {there - 1}")["items"]
    done = crmkit.json("knowledge", "import", str(file))
    assert (done["created"], done["unchanged"]) == (ARTICLES - there, there)
    assert count(home, "knowledge_article") == ARTICLES
