"""Every Python sample of these pages runs, block after block, as a reader would type them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "docs/embedding.md"]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_samples_of_a_page_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / page).read_text("utf-8")
    names: dict[str, object] = {"__name__": "sample"}
    for number, block in enumerate(_BLOCK.findall(text), 1):
        exec(compile(block, f"{page} block {number}", "exec"), names)
    assert "crm" in names
    names["crm"].close()  # type: ignore[attr-defined]
