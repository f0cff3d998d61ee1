"""``crmkit knowledge synonyms``: words that say the same, from a file and one by one."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def test_they_are_taken_over_added_listed_and_removed(crmkit: Crmkit, tmp_path: Path) -> None:
    """A file that is none is refused."""
    crmkit.has("knowledge")
    file = tmp_path / "words.txt"
    file.write_text("refund, money back\n")
    assert crmkit.json("knowledge", "synonyms", "import", str(file)) == {"added": 1, "known": 0}
    made = crmkit.json("knowledge", "synonyms", "add", "2fa => two-factor authentication")
    rows = crmkit.json("knowledge", "synonyms", "list")["items"]
    assert [each["line"] for each in rows] == ["refund, money back", "2fa => two-factor authentication"]
    crmkit("knowledge", "synonyms", "remove", made["id"])
    assert len(crmkit.json("knowledge", "synonyms", "list")["items"]) == 1
    file.write_bytes(b"\xff\xfe")
    assert crmkit("knowledge", "synonyms", "import", str(file)).code != 0
