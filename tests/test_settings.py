"""Settings: where they come from, which wins, and what is said of wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from crmkit.errors import ConfigurationError, HomeError
from crmkit.settings import Settings, environment


def home(tmp_path: Path, text: str) -> Path:
    """Make an installation's folder."""
    (tmp_path / "crmkit.toml").write_text(text, "utf-8")
    return tmp_path


def test_a_home_has_its_database_and_files_in_data(tmp_path: Path) -> None:
    settings = Settings.from_home(home(tmp_path, ""), {})
    assert f"sqlite:///{tmp_path}/data/crmkit.db" == settings.database
    assert (tmp_path / "data" / "files", tmp_path / "keys") == (settings.files, settings.keys)


def test_a_relative_database_is_relative_to_the_home(tmp_path: Path) -> None:
    settings = Settings.from_home(home(tmp_path, 'database = "sqlite:///shop.db"'), {})
    assert f"sqlite:///{tmp_path}/shop.db" == settings.database


def test_the_environment_wins(tmp_path: Path) -> None:
    settings = Settings.from_home(home(tmp_path, 'language = "en"'), {"CRMKIT_LANGUAGE": "zh-CN", "CRMKIT_HOME": "x"})
    assert "zh_Hans" == settings.language


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("database", "sqlite:///a.db", "sqlite:///a.db"),
        ("schema", "crm", "crm"),
        ("files", "f", Path("f")),
        ("language", "zh", "zh_Hans"),
        ("strict", "yes", True),
        ("plugins", "sales, loyalty", ("sales", "loyalty")),
        ("plugins", "", ()),
        ("clock", "2011-12-10", datetime(2011, 12, 10, tzinfo=UTC)),
        ("synchronous", "normal", "normal"),
        ("busy_timeout", "2.5", 2.5),
        ("pool_size", "9", 9),
        ("hook_budget", "1", 1.0),
        ("attachment_limit", "10", 10),
        ("password_cost", "t=2, m=65536, p=1", "t=2,m=65536,p=1"),
        ("profile", "production", "production"),
        ("audit", "strict", "strict"),
        ("audit_sink", "syslog", "syslog"),
        ("keys", "k", Path("k")),
        ("key_provider", "environment", "environment"),
        ("rate_limit_api", "600/Minute", "600/minute"),
        ("rate_limit_public", "off", "off"),
        ("rate_limit_search", "10/second", "10/second"),
        ("rate_limit_export", "5/hour", "5/hour"),
        ("rate_limit_import", "5/day", "5/day"),
        ("session_minutes", "45", 45),
        ("session_hours", "8", 8),
        ("step_up_minutes", "3", 3),
        ("second_factor", "everybody", "everybody"),
        ("public_url", "https://crm.example.com/", "https://crm.example.com"),
        ("trusted_proxies", "10.0.0.2, 10.1.0.0/16", ("10.0.0.2/32", "10.1.0.0/16")),
        ("metrics_token", "t" * 16, "t" * 16),
    ],
)
def test_each_setting_can_come_from_the_environment(name: str, text: str, expected: object) -> None:
    values = {"database": "sqlite:///x.db", **environment({f"CRMKIT_{name.upper()}": text})}
    assert expected == getattr(Settings.from_mapping(values), name)


def test_every_setting_is_tried_here() -> None:
    tried = {"database", "schema", "files", "language", "strict", "plugins", "clock", "synchronous", "busy_timeout"}
    tried |= {"pool_size", "hook_budget", "attachment_limit", "home", "options", "password_cost", "profile"}
    tried |= {"keys", "key_provider", "audit", "audit_sink"}
    tried |= {f"rate_limit_{budget}" for budget in ("api", "public", "search", "export", "import")}
    tried |= {"public_url", "trusted_proxies", "metrics_token"}
    tried |= {"session_minutes", "session_hours", "step_up_minutes", "second_factor", "sso"}
    assert tried == {attribute.name for attribute in attrs.fields(Settings)}


def test_options_are_for_plugins() -> None:
    settings = Settings.from_mapping({"database": "sqlite:///x.db", "options": {"sales": {"stages": 3}}})
    assert {"stages": 3} == settings.options["sales"]


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"databse": "x"}, 'Did you mean "database"'),
        ({"database": "sqlite:///x.db", "pool_size": "many"}, "pool_size"),
        ({"database": "sqlite:///x.db", "pool_size": 0}, "pool_size"),
        ({"database": "sqlite:///x.db", "strict": "perhaps"}, "strict"),
        ({"database": "sqlite:///x.db", "synchronous": "off"}, "synchronous"),
        ({"database": "sqlite:///x.db", "language": "tlh"}, "language"),
        ({"database": "sqlite:///x.db", "clock": "noon"}, "clock"),
        ({"database": "sqlite:///x.db", "profile": "live"}, "profile"),
        ({"database": "sqlite:///x.db", "key_provider": "paper"}, "key_provider"),
        ({"database": "sqlite:///x.db", "audit": "never"}, "audit"),
        ({"database": "sqlite:///x.db", "options": 3}, "options"),
        ({"database": "sqlite:///x.db", "rate_limit_api": "some"}, "rate_limit_api"),
        ({"database": "sqlite:///x.db", "session_minutes": 0}, "session_minutes"),
        ({"database": "sqlite:///x.db", "session_hours": 10_000}, "session_hours"),
        ({"database": "sqlite:///x.db", "step_up_minutes": 60}, "step_up_minutes"),
        ({"database": "sqlite:///x.db", "second_factor": "some"}, "second_factor"),
        ({"database": "sqlite:///x.db", "sso": "acme"}, "sso"),
        ({}, "No database"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, object], part: str) -> None:
    with pytest.raises(ConfigurationError, match=part):
        Settings.from_mapping(values)


def test_a_folder_that_is_no_installation_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="init"):
        Settings.from_home(tmp_path, {})


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"crmkit\.toml"):
        Settings.from_home(home(tmp_path, "database = "), {})


@attrs.frozen(kw_only=True)
class Sample:
    """Settings of a plugin."""

    stages: int = attrs.field(default=3, converter=int)


def test_a_plugin_reads_its_part_as_its_own_class() -> None:
    settings = Settings(database="sqlite:///x.db", options={"sales": {"stages": "5"}})
    assert (Sample(stages=5), Sample()) == (settings.part("sales", Sample), settings.part("other", Sample))


@pytest.mark.parametrize(
    ("values", "part"), [({"stagse": 1}, r'"sales\.stagse".*Did you mean "stages"'), ({"stages": "many"}, "sales")]
)
def test_a_plugins_wrong_setting_is_named(values: dict[str, object], part: str) -> None:
    with pytest.raises(ConfigurationError, match=part):
        Settings(database="sqlite:///x.db", options={"sales": values}).part("sales", Sample)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "crm.example.com"),
        ("public_url", "ftp://crm.example.com"),
        ("public_url", "https://user@crm.example.com"),
        ("public_url", "https://crm.example.com/?a=b"),
        ("trusted_proxies", "proxy.example.com"),
        ("trusted_proxies", ["10.0.0.0/99"]),
        ("metrics_token", "short"),
    ],
)
def test_what_serving_could_not_use_is_refused(name: str, value: object) -> None:
    """An address that links cannot begin with, a proxy that is no address, a token that could be guessed; the token
    itself is not told."""
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_mapping({"database": "sqlite:///x.db", name: value})
    assert "short" not in str(refused.value)
