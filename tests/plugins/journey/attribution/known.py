"""Paths with published results: ``python -m tests.plugins.journey.attribution.known FOLDER`` checks those of a folder
with ``paths.csv`` and ``expected.json``, which are not part of the project as their licence is another one."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crmkit_journey.attribution.computing import attribute
from crmkit_journey.attribution.files import PLACES, read_paths
from crmkit_journey.attribution.markov import chain_of


def same(found: Mapping[str, Any], expected: Mapping[str, float], digits: int) -> None:
    """Require that all figures are the published ones, which are rounded to so many digits."""
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert abs(float(found[name]) - value) < 0.5 * 10**-digits + 1e-9, name


def check(folder: Path) -> None:
    """Compute every published figure of a folder and require it."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))["results"]
    paths = read_paths(folder / "paths.csv")
    assert len(paths) == expected["paths"]
    assert sum(each.conversions for each in paths) == expected["conversions"]
    assert sum(each.nulls for each in paths) == expected["nulls"]
    scale = 10**PLACES
    for model, name in (("first", "first_touch"), ("last", "last_touch"), ("linear", "linear")):
        found = attribute(model, paths, scale=scale)  # type: ignore[arg-type]
        same(found.conversions, expected[name], 4)
        same({each: value / scale for each, value in found.exact.items()}, expected[f"{name}_value"], 4)
        assert sum(found.value.values()) == found.total == round(expected["value"] * scale)
    chain, published = chain_of(paths), expected["markov_order_1"]
    assert round(chain.probability, 6) == published["conversion_probability"]
    same(chain.removal, published["removal_effect"], 6)
    same(attribute("markov", paths, scale=scale).conversions, published["conversions"], 4)


if __name__ == "__main__":
    for each in sys.argv[1:]:
        check(Path(each))
        print(f"{each}: as published")
