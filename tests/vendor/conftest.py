"""An environment with crmkit's wheel in it; and what is in ``older`` are distributions of their own: their tests run in
processes of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.vendor.wheels import ROOT, WARRANTY, Installed, build_wheel, make_environment

collect_ignore = ["older"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """crmkit from its wheel in a clean environment, and the wheel of the warranty plugin, built but not installed."""
    folder = tmp_path_factory.mktemp("vendor")
    wheels = folder / "wheels"
    wheels.mkdir()
    environment = make_environment(folder)
    environment.install(build_wheel(ROOT, wheels))
    warranty = build_wheel(WARRANTY, wheels)
    with environment.ready() as ready:
        yield Installed(environment=environment, ready=ready, warranty=warranty)
