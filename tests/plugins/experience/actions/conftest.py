"""The same databases as those of promises."""

from __future__ import annotations

from tests.plugins.experience.promises.conftest import base as _base, both as _both

base, both = _base, _both
