"""How a file that a page answers with is handed out: pictures are shown, anything else with a name is saved.

Whatever a file is, it runs nothing and is of no origin. Must not know who may have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from crmkit.core.interactions.files import disposition, safe_filename
from crmkit.hooks.pages import PageFile

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
CONTAINED = "sandbox; default-src 'none'; frame-ancestors 'none'"


def headers_of(file: PageFile) -> Mapping[str, str]:
    """Return the headers of a file, without its type."""
    headers = {"Content-Security-Policy": CONTAINED}
    if file.filename is not None:
        named = f"inline; filename*=UTF-8''{quote(safe_filename(file.filename), safe='')}"
        headers["Content-Disposition"] = named if file.media_type in PICTURES else disposition(file.filename)
    return headers
