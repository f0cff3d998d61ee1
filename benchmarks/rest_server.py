"""The application that granian serves for the benchmark, over the database that ``BENCH_DATABASE`` names."""

from __future__ import annotations

import os

from crmkit import CRM
from crmkit.settings import Settings


def application() -> object:
    """Open the database and return its application. Calls are counted against a limit that is never reached."""
    endless = {f"rate_limit_{name}": "900000000/minute" for name in ("api", "public", "search")}
    return CRM.open(Settings.from_mapping({"database": os.environ["BENCH_DATABASE"], **endless})).asgi()
