"""The mirror and the list that is made from it: without database, SQLAlchemy or any plugin."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from crmkit.app import CRM
from crmkit.errors import HomeError, LifecycleError
from crmkit.lifecycle.views import list_plugins
from crmkit.mirror import FILE, Mirror, MirroredPlugin, dependents, read_mirror, request_disable, write_mirror
from crmkit.settings import Settings
from tests.lifecycle.workshop import Workshop

Open = Callable[..., CRM]
ROOT = Path(__file__).resolve().parents[2]


def shown(settings: Settings, *manifests: object) -> dict[str, str]:
    """Return the states of the throw-away plugins as the list shows them."""
    views = list_plugins(settings, manifests)  # type: ignore[arg-type]
    return {view.name: view.state for view in views if view.distribution is None}


def test_mirror_follows_every_change_of_state(
    sqlite_url: str, tmp_path: Path, workshop: Workshop, opened: Open
) -> None:
    """After each change the list, made from the mirror alone, says what the database says."""
    settings = Settings(database=sqlite_url, home=tmp_path)
    alpha, needy = workshop.plugin("alpha"), workshop.plugin("needy", needs=["no_such_library"], extra="needy")
    manifests = [alpha.manifest(), needy.manifest()]
    assert shown(settings, *manifests) == {"alpha": "available", "needy": "available"}
    crm = opened(settings, plugins=manifests, create=True)
    crm.enable("alpha")
    assert shown(settings, *manifests)["alpha"] == "enabled"
    crm.disable("alpha")
    assert shown(settings, *manifests)["alpha"] == "disabled"
    assert shown(settings) == {"alpha": "orphaned"}
    crm.purge("alpha")
    assert shown(settings, *manifests) == {"alpha": "available", "needy": "available"}
    needed = next(view for view in list_plugins(settings, manifests) if view.name == "needy")
    assert needed.needs == f"{needy.package}[needy]"
    assert "no_such_library" in (needed.reason or "")


def test_broken_plugin_is_listed_with_its_reason(
    sqlite_url: str, tmp_path: Path, workshop: Workshop, opened: Open
) -> None:
    """What an opening found broken stands in the mirror until an opening finds it sound."""
    settings = Settings(database=sqlite_url, home=tmp_path)
    alpha = workshop.plugin("alpha")
    opened(settings, plugins=[alpha.manifest()], create=True).enable("alpha")
    opened(settings, plugins=[alpha.manifest("2.0")])
    assert read_mirror(tmp_path).plugins["alpha"].state == "broken"
    assert shown(settings, alpha.manifest("2.0")) == {"alpha": "broken"}
    opened(settings, plugins=[alpha.manifest()])
    assert shown(settings, alpha.manifest()) == {"alpha": "enabled"}


def test_listing_loads_neither_database_layer_nor_plugin(sqlite_url: str, tmp_path: Path, opened: Open) -> None:
    """In a fresh process the list of an installation with an enabled plugin imports none of them."""
    (tmp_path / "crmkit.toml").write_text(f'database = "{sqlite_url}"\n')
    opened(tmp_path, create=True).enable("sales")
    script = (
        "import sys, pathlib\n"
        "from crmkit.lifecycle.views import list_plugins\n"
        f"views = list_plugins(pathlib.Path({str(tmp_path)!r}))\n"
        "print([(v.name, v.state) for v in views if v.name == 'sales'])\n"
        "heavy = {'sqlalchemy', 'alembic', 'jinja2', 'crmkit_sales'}\n"
        "print(sorted({n.partition('.')[0] for n in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[('sales', 'enabled')]", "[]"]


def test_mirror_that_cannot_be_read_lists_what_is_installed(tmp_path: Path, workshop: Workshop) -> None:
    """A damaged file is no reason to fail: the database is the truth, and writes it anew."""
    (tmp_path / FILE).write_text("{ not json")
    assert read_mirror(tmp_path) == Mirror()
    settings = Settings(database="sqlite:///unused.db", home=tmp_path)
    assert shown(settings, workshop.plugin("alpha").manifest()) == {"alpha": "available"}


def test_request_for_what_is_not_enabled_is_refused(tmp_path: Path) -> None:
    """Only what the mirror knows as enabled can be marked."""
    write_mirror(tmp_path, Mirror(plugins={"alpha": MirroredPlugin(state="disabled")}))
    with pytest.raises(LifecycleError, match="not enabled"):
        request_disable(tmp_path, "alpha")
    with pytest.raises(HomeError, match="cannot be written"):
        write_mirror(tmp_path / "nowhere", Mirror())


def test_mirror_is_replaced_whole(tmp_path: Path) -> None:
    """What is read is what was written, and no other file is left in the folder."""
    mirror = Mirror(plugins={"a": MirroredPlugin(state="enabled", title="甲", requires=("b",))}, disable=("a",))
    write_mirror(tmp_path, Mirror())
    write_mirror(tmp_path, mirror)
    assert read_mirror(tmp_path) == mirror
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert json.loads((tmp_path / FILE).read_text("utf-8"))["plugins"]["a"]["title"] == "甲"


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.frozensets(st.sampled_from("abcdefgh"), max_size=3)))
def test_dependents_come_before_what_they_require(edges: dict[str, frozenset[str]]) -> None:
    """In any graph without circles each dependent comes before what it requires, and the plugin itself is last."""
    requires = {name: tuple(sorted(other for other in others if other < name)) for name, others in edges.items()}
    order = dependents("a", requires)
    assert order[-1] == "a"
    place = {name: number for number, name in enumerate(order)}
    for name in order:
        for other in requires.get(name, ()):
            if other in place:
                assert place[name] < place[other]
    reached = {name for name in requires if "a" in requires[name]}
    assert reached <= set(order)
