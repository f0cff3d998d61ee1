"""The directions of the design hold: who may import whom, what stays out, and how large the kernel may grow."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import crmkit
from crmkit.manifest import PluginManifest
from crmkit.testing.linting import breaches
from tests.imports import Import, imports_of, modules_of, resolve

ROOT = Path(__file__).resolve().parents[1]
KERNEL = ROOT / "crmkit"

LAYERS: Sequence[Sequence[str]] = (
    ("i18n", "errors", "manifest", "settings", "profile", "private", "deprecated"),
    ("hooks",),
    ("core",),
    ("engines",),
    ("exchange", "security"),
    ("configuration", "identity"),
    ("resources",),
    ("migrations",),
    ("loading", "mirror", "lifecycle"),
    ("app",),
    ("exposure", "soundness", "protection", "doctor", "backup"),
    ("cli", "web", "testing", "scaffold", "demo"),
    ("__main__",),
)
"""The rooms of the kernel; each may import those before it and its neighbours, as long as there is no circle."""

CORE_LAYERS: Sequence[Sequence[str]] = (
    ("store",),
    ("vault",),
    ("operations",),
    ("business", "access", "privacy"),
    ("customers",),
    ("interactions",),
    ("builtin",),
)

ENGINE_LAYERS: Sequence[Sequence[str]] = (
    ("statistics", "expressions", "definitions"),
    ("facts",),
    ("experiments", "classification"),
    ("segments",),
    ("rules", "reports", "search"),
    ("overview",),
    ("builtin",),
)

WEB_LAYERS: Sequence[Sequence[str]] = (
    ("http", "static_files"),
    ("pages", "public", "rest"),
    ("app",),
    ("embedding", "serving"),
)
"""The rooms of the doors over the network."""

BY_NAME = (
    ("crmkit.app", "crmkit.web"),
    ("crmkit.testing.pytest_plugin", "crmkit.cli.calling"),
    ("crmkit.testing.showing", "crmkit.cli.calling"),
)
"""What may be loaded by its name, as (importer, what it loads): ``CRM.asgi`` opens doors that are built on it,
and the kit of vendors tries commands, one of which checks plugins by the kit."""

FOR_PLUGINS = (
    "manifest",
    "hooks",
    "errors",
    "i18n",
    "testing",
    "engines.statistics",
    "engines.search.searching",
    "engines.search.rarity",
    "engines.search.tokens",
    "cli.api",
    "exchange.yaml_files",
)
"""The modules of crmkit whose names plugins may import, beside the names of crmkit itself."""

DOORS = ("click", "rich", "starlette", "jinja2")
"""What serves people and the network has no place where things are decided."""

PAST_THE_GUARD = (
    "core",
    "engines",
    "configuration",
    "exchange",
    "security",
    "identity",
    "backup",
    "lifecycle",
    "migrations",
    "testing",
    "protection",
)
"""The rooms of the kernel in which statements may pass unfiltered, each with its reason, by the guard's ``region``."""

LINE_CAPS = {"core": 12_000, "engines": 10_600}
"""Most tested lines of either: statements, as the measuring of test coverage counts them; docstrings are none. Who
reads the core in a weekend needs no engine for it; each engine is a chapter that can be read alone."""


# --- reading ---------------------------------------------------------------------------------------------------------


@cache
def kernel_modules() -> dict[str, Path]:
    """Return the modules of crmkit; what the scaffold renders is not among them."""
    templates = KERNEL / "scaffold" / "templates"
    return {name: path for name, path in modules_of(KERNEL).items() if templates not in path.parents}


@cache
def kernel_imports() -> list[Import]:
    """Return the imports of all modules of crmkit."""
    return [found for name, path in kernel_modules().items() for found in imports_of(name, path)]


@cache
def plugin_packages() -> list[Path]:
    """Return the import packages of the first-party plugins and of the examples."""
    return sorted(
        manifest.parent
        for folder in ("plugins", "examples")
        for pattern in ("*/crmkit_*/manifest.py", "*/src/crmkit_*/manifest.py")
        for manifest in (ROOT / folder).glob(pattern)
    )


def manifest_of(package: Path) -> PluginManifest:
    """Load the manifest of a plugin, which by its own rule imports nothing of the plugin."""
    spec = importlib.util.spec_from_file_location(f"manifest_of_{package.name}", package / "manifest.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    manifest = module.MANIFEST
    assert isinstance(manifest, PluginManifest)
    return manifest


# --- judging ---------------------------------------------------------------------------------------------------------


def room(module: str, depth: int) -> str | None:
    """Return the part of a dotted name that says which room of a package it is in, or None for the package itself."""
    parts = module.split(".")
    return parts[depth] if len(parts) > depth else None


def wrong_directions(edges: Iterable[tuple[Import, str]], layers: Sequence[Sequence[str]], package: str) -> list[str]:
    """Return the imports inside a package that point from a lower layer to a higher one."""
    rank = {name: number for number, names in enumerate(layers) for name in names}
    depth = package.count(".") + 1
    wrong: list[str] = []
    for found, reached in edges:
        if not all(name.startswith(f"{package}.") for name in (found.importer, reached)):
            continue
        here, there = room(found.importer, depth), room(reached, depth)
        if here is not None and there is not None and rank.get(here, -1) < rank.get(there, -1):
            wrong.append(str(found))
    return wrong


def circle(edges: Iterable[tuple[Import, str]], name_of: Callable[[str], str | None]) -> list[str]:
    """Return the names along a circle of imports, or nothing if there is none."""
    graph: dict[str, set[str]] = {}
    for found, reached in edges:
        here, there = name_of(found.importer), name_of(reached)
        if here and there and here != there:
            graph.setdefault(here, set()).add(there)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names: list[str] = error.args[1]
        return names
    return []


def private_imports(
    found: Iterable[Import], *, own: str, public: Iterable[str], exported: Iterable[str], requires: Mapping[str, str]
) -> list[str]:
    """Return the imports of a plugin that reach past the public names of crmkit and of the plugins it requires."""
    modules = tuple(f"crmkit.{name}" for name in public)
    names = {"crmkit", *(f"crmkit.{name}" for name in exported)}
    apis = tuple(f"crmkit_{name}.api" for name in requires)
    wrong: list[str] = []
    for each in found:
        top = each.target.partition(".")[0]
        if top == "crmkit":
            allowed = each.target in names or _within(each.target, modules)
        elif top == "plugins":
            allowed = False
        elif top.startswith("crmkit_") and top != own:
            allowed = _within(each.target, apis)
        else:
            allowed = True
        if not allowed:
            wrong.append(str(each))
    return wrong


def _within(target: str, modules: tuple[str, ...]) -> bool:
    return any(target == module or target.startswith(f"{module}.") for module in modules)


def past_the_guard(found: Import) -> bool:
    """Say whether an import is of what lets statements pass unfiltered."""
    guard = found.target.startswith("crmkit.core.store.guard")
    return guard and found.target.rpartition(".")[2] in ("region", "lookup", "regions", "guard")


def edges() -> list[tuple[Import, str]]:
    """Return the imports from crmkit to crmkit that happen when the code runs, with the module each reaches."""
    exports = crmkit._EXPORTS
    return [
        (found, reached)
        for found in kernel_imports()
        if not found.typing_only and (reached := resolve(found.target, kernel_modules(), exports)) is not None
        if not any(found.importer == importer and _within(reached, (loaded,)) for importer, loaded in BY_NAME)
    ]


# --- the rules -------------------------------------------------------------------------------------------------------


def test_every_room_has_a_place_in_the_layers() -> None:
    """A new package or module of crmkit, or of its core, is put into the layers before it is used."""
    known = {name for names in LAYERS for name in names}
    rooms = {room(name, 1) for name in kernel_modules()} - {None}
    for house, layers in (("core", CORE_LAYERS), ("engines", ENGINE_LAYERS), ("web", WEB_LAYERS)):
        known |= {f"{house}.{name}" for names in layers for name in names}
        within = [room(name, 2) for name in kernel_modules() if room(name, 1) == house]
        rooms |= {f"{house}.{inner}" for inner in within if inner}
    assert sorted(str(name) for name in rooms - known) == []


def test_kernel_imports_point_one_way() -> None:
    """No room of crmkit imports one that is built on it."""
    assert wrong_directions(edges(), LAYERS, "crmkit") == []


def test_core_imports_point_one_way() -> None:
    """No package of the core imports one that is built on it."""
    assert wrong_directions(edges(), CORE_LAYERS, "crmkit.core") == []


def test_engine_imports_point_one_way() -> None:
    """No engine imports one that is built on it."""
    assert wrong_directions(edges(), ENGINE_LAYERS, "crmkit.engines") == []


def test_web_imports_point_one_way() -> None:
    """No room of the doors imports one that is built on it; the API and the pages know nothing of each other."""
    assert wrong_directions(edges(), WEB_LAYERS, "crmkit.web") == []
    between = [
        str(found)
        for found, reached in edges()
        if {room(found.importer, 2), room(reached, 2)} in ({"rest", "pages"}, {"rest", "public"})
        and found.importer.startswith("crmkit.web.")
        and reached.startswith("crmkit.web.")
    ]
    assert between == []


def test_rooms_have_no_circle() -> None:
    """Neither the rooms of crmkit nor the packages of its core import each other in a circle."""
    assert circle(edges(), lambda name: room(name, 1)) == []
    assert circle(edges(), lambda name: room(name, 2) if room(name, 1) == "core" else None) == []


def test_modules_have_no_circle() -> None:
    """No two modules need each other, not even lazily; the root package, which loads by name, is left out."""
    assert circle(edges(), lambda name: name if name != "crmkit" else None) == []


def test_kernel_imports_no_plugin() -> None:
    """The kernel names no plugin's package, not even for the type checker."""
    named = [str(found) for found in kernel_imports() if found.target.startswith(("crmkit_", "plugins."))]
    assert named == []


def test_core_knows_no_door() -> None:
    """What decides imports neither the command line nor the web nor templates."""
    inner = ("crmkit.hooks", "crmkit.core", "crmkit.engines")
    named = [
        str(found)
        for found in kernel_imports()
        if _within(found.importer, inner) and found.target.partition(".")[0] in DOORS
    ]
    assert named == []


def test_there_is_a_plugin_to_judge() -> None:
    """The rules for plugins look at real ones."""
    assert "crmkit_sales" in [package.name for package in plugin_packages()]


def test_plugins_import_public_names_only() -> None:
    """A plugin sees of crmkit what a vendor is promised, and of other plugins the ``api`` of those it requires or comes
    after."""
    wrong = [
        breach
        for package in plugin_packages()
        for breach in private_imports(
            [found for name, path in modules_of(package).items() for found in imports_of(name, path)],
            own=package.name,
            public=FOR_PLUGINS,
            exported=crmkit.__all__,
            requires=(*manifest_of(package).requires, *manifest_of(package).after),
        )
    ]
    assert wrong == []


def test_the_guard_is_passed_in_few_rooms() -> None:
    """What shows records to somebody, such as the command line, reads them as that person does; plugins always do."""
    own = [
        found for found in kernel_imports() if past_the_guard(found) and room(found.importer, 1) not in PAST_THE_GUARD
    ]
    of_plugins = [
        found
        for package in plugin_packages()
        for name, path in modules_of(package).items()
        for found in imports_of(name, path)
        if past_the_guard(found)
    ]
    assert [str(found) for found in (*own, *of_plugins)] == []


def test_plugins_keep_to_the_guard() -> None:
    """What ``crmkit plugin check`` looks for in the code of vendors is nowhere in the first-party plugins."""
    found = [
        f"{path.relative_to(ROOT)}:{breach.line}: {breach.name}"
        for package in plugin_packages()
        for path in modules_of(package).values()
        if "migrations" not in path.parts
        for breach in breaches(path.read_text("utf-8"), tables=path.name == "facts.py")
    ]
    assert found == []


@pytest.mark.parametrize("house", LINE_CAPS)
def test_kernel_stays_readable_in_a_weekend(house: str) -> None:
    """The core, and the engines on it, stay below their caps of tested lines."""
    lines = sum(
        isinstance(node, ast.stmt) and not _is_docstring(node)
        for name, path in kernel_modules().items()
        if _within(name, (f"crmkit.{house}",))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
    assert 0 < lines <= LINE_CAPS[house]


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_every_module_says_why_it_exists() -> None:
    """Each module of crmkit and of the plugins begins with a docstring."""
    of_plugins = [path for package in plugin_packages() for path in modules_of(package).values()]
    silent = [
        str(path.relative_to(ROOT))
        for path in (*kernel_modules().values(), *of_plugins)
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_lazy_names_exist() -> None:
    """Every public name of crmkit is defined in the module that it is said to come from."""
    missing = [name for name in crmkit.__all__ if not hasattr(crmkit, name)]
    assert missing == []


# --- the judges judge ------------------------------------------------------------------------------------------------


def sample(folder: Path, files: Mapping[str, str]) -> list[tuple[Import, str]]:
    """Write a package named crmkit and return its imports as the rules see them."""
    package = folder / "crmkit"
    for name, source in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    modules = modules_of(package)
    return [
        (found, reached)
        for name, path in modules.items()
        for found in imports_of(name, path)
        if not found.typing_only and (reached := resolve(found.target, modules, {"CRM": "crmkit.app"}))
    ]


def test_an_import_upwards_is_seen_however_it_is_written(tmp_path: Path) -> None:
    """Inside a function, relative, by the public name or by name as text: an import upwards is one."""
    found = sample(
        tmp_path,
        {
            "__init__.py": "",
            "app.py": "from crmkit.core import a",
            "core/__init__.py": "",
            "core/a.py": "def f():\n    from crmkit.app import CRM",
            "core/b.py": "from ..app import CRM",
            "core/c.py": "from crmkit import CRM",
            "core/d.py": "import importlib\nimportlib.import_module('crmkit.app')",
            "core/e.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from crmkit.app import CRM",
        },
    )
    assert wrong_directions(found, LAYERS, "crmkit") == [
        "crmkit.core.a:2 imports crmkit.app.CRM",
        "crmkit.core.b:1 imports crmkit.app.CRM",
        "crmkit.core.c:1 imports crmkit.CRM",
        "crmkit.core.d:2 imports crmkit.app",
    ]


def test_a_circle_is_seen(tmp_path: Path) -> None:
    """Two modules that import each other make a circle."""
    found = sample(
        tmp_path, {"__init__.py": "", "demo.py": "import crmkit.cli", "cli.py": "def f():\n    import crmkit.demo"}
    )
    assert set(circle(found, lambda name: name)) == {"crmkit.cli", "crmkit.demo"}


def test_an_import_of_what_passes_the_guard_is_seen(tmp_path: Path) -> None:
    """From the package or the module, and as a module; what else the guard has is no way past it."""
    file = tmp_path / "doctor.py"
    file.write_text(
        "from crmkit.core.store.guard import region\nfrom crmkit.core.store.guard.regions import lookup\n"
        "from crmkit.core.store.guard import regions\nimport crmkit.core.store.guard.regions\n"
        "from crmkit.core.store.guard.policy import Access\n",
        encoding="utf-8",
    )
    assert [found.line for found in imports_of("crmkit.doctor", file) if past_the_guard(found)] == [1, 2, 3, 4]


def test_a_plugin_that_reaches_past_the_api_is_seen(tmp_path: Path) -> None:
    """Of crmkit and of other plugins only what is promised may be imported."""
    package = tmp_path / "crmkit_acme"
    package.mkdir()
    (package / "plugin.py").write_text(
        "from crmkit import CRM, hookimpl\nfrom crmkit.errors import Refused\nfrom crmkit.core.store import session\n"
        "from crmkit_sales.api import win\nfrom crmkit_sales.models import Opportunity\nimport crmkit_loyalty.api\n"
        "import plugins.sales\nfrom crmkit_acme import plugin\n"
    )
    wrong = private_imports(
        imports_of("crmkit_acme.plugin", package / "plugin.py"),
        own="crmkit_acme",
        public=FOR_PLUGINS,
        exported=crmkit.__all__,
        requires={"sales": ""},
    )
    assert wrong == [
        "crmkit_acme.plugin:3 imports crmkit.core.store.session",
        "crmkit_acme.plugin:5 imports crmkit_sales.models.Opportunity",
        "crmkit_acme.plugin:6 imports crmkit_loyalty.api",
        "crmkit_acme.plugin:7 imports plugins.sales",
    ]
