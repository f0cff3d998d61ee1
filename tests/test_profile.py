"""Production refuses what development allows: readable passwords, demonstrations, a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crmkit import CRM, Settings
from crmkit.cli.invocation import Invocation
from crmkit.demo.company import make
from crmkit.errors import ConfigurationError, Refused
from crmkit.profile import check_profile, holds_secrets

WITH_PASSWORD = 'database = "postgresql://crmkit:hunter2@localhost/crm"\n'


@pytest.fixture
def home(tmp_path: Path) -> Callable[..., Settings]:
    """Make an installation's folder and return its settings."""

    def make_home(text: str, mode: int, profile: str = "production") -> Settings:
        path = tmp_path / "crmkit.toml"
        path.write_text(f'profile = "{profile}"\n{text}', "utf-8")
        path.chmod(mode)
        return Settings.from_home(tmp_path, {})

    return make_home


def test_a_password_that_everybody_can_read_is_refused(home: Callable[..., Settings], tmp_path: Path) -> None:
    """Production does not start, and says how to mend it without repeating the password."""
    with pytest.raises(ConfigurationError, match="chmod 600") as refused:
        CRM.open(home(WITH_PASSWORD, 0o644))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "mode", "profile"),
    [
        (WITH_PASSWORD, 0o600, "production"),
        (WITH_PASSWORD, 0o640, "production"),
        (WITH_PASSWORD, 0o644, "development"),
        ('database = "sqlite:///data/crmkit.db"\n', 0o644, "production"),
    ],
)
def test_what_others_cannot_read_or_need_not_is_fine(
    home: Callable[..., Settings], text: str, mode: int, profile: str
) -> None:
    """A file of the service's group, one without a password, and any in development are accepted."""
    check_profile(home(text, mode, profile))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('database = "postgresql://u@h/d?password=x"', True),
        ('database = "postgresql://u@h/d"', False),
        ('[options.mail]\npassword = "x"', True),
        ('[options.mail]\naccounts = [{api_key = "x"}]', True),
        ('[options.mail]\npassword = ""', False),
        ("this is no TOML", True),
    ],
)
def test_passwords_are_found_wherever_they_stand(tmp_path: Path, text: str, expected: bool) -> None:
    """In addresses, under telling names, in settings of plugins; a file that cannot be read is not cleared."""
    path = tmp_path / "crmkit.toml"
    path.write_text(text, "utf-8")
    assert holds_secrets(path) == expected


def test_the_clock_of_production_runs(home: Callable[..., Settings]) -> None:
    """A fixed clock would date what happens wrongly."""
    with pytest.raises(ConfigurationError, match="clock"):
        check_profile(home('clock = "2011-12-10"\n', 0o600))


@pytest.mark.parametrize("way", ["environment", "settings"])
def test_no_demonstration_in_production(
    home: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Made-up customers never come to an installation in earnest, nor to a machine that says that it is one."""
    folder = tmp_path
    if way == "environment":
        monkeypatch.setenv("CRMKIT_PROFILE", "production")
        folder = tmp_path / "new"
    else:
        home("", 0o600)
    invocation = Invocation()
    invocation.home_option = str(folder)
    with pytest.raises(Refused, match="demonstration"):
        make(invocation)
    assert not (tmp_path / "new").exists()
