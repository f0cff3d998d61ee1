"""Whether a page can be used by everybody: what axe finds on it that is serious or critical."""

from __future__ import annotations

from typing import Any

GRAVE = ("serious", "critical")


def faults_of(page: Any) -> list[str]:
    """Return what is gravely wrong with the page as it is shown now, with the place of each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {each['id']} {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in GRAVE
    ]
