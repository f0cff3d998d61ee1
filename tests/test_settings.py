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
    ],
)
def test_each_setting_can_come_from_the_environment(name: str, text: str, expected: object) -> None:
    values = {"database": "sqlite:///x.db", **environment({f"CRMKIT_{name.upper()}": text})}
    assert expected == getattr(Settings.from_mapping(values), name)


def test_every_setting_is_tried_here() -> None:
    tried = {"database", "schema", "files", "language", "strict", "plugins", "clock", "synchronous", "busy_timeout"}
    tried |= {"pool_size", "hook_budget", "attachment_limit", "home", "options", "password_cost", "profile"}
    tried |= {"keys", "key_provider", "audit", "audit_sink"}
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
