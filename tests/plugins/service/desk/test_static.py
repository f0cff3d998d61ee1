"""The plugin's own styles and scripts: served as the kernel's are, from the plugin's package and from nowhere else."""

from __future__ import annotations

import re

from tests.web.conftest import Web


def test_its_files_are_served_and_kept_by_browsers(sqlite_web: Web) -> None:
    """Under an address that names the version; another plugin's, what is outside and what there is not are none."""
    client = sqlite_web.client("sue")
    page = client.get("/modules/service/inbox").text
    found = re.findall(r'"(/static/plugins/service/desk\.(?:css|js)\?v=[0-9a-f]{10})"', page)
    assert len(found) == 2
    for address in found:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    for wrong in (
        "service/none.css",
        "service/../manifest.py",
        "none/desk.css",
        "service/",
        "service/..%2fmanifest.py",
    ):
        assert client.get(f"/static/plugins/{wrong}").status_code == 404
