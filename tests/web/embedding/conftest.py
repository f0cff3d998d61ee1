"""The examples of hosts, imported from where a reader finds them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def example(name: str) -> ModuleType:
    """Return the module ``app`` of an example."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / name / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def django_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The shop in Django, set up with its tables; Django has one set of settings in a process."""
    folder = tmp_path_factory.mktemp("django")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_SETTINGS_MODULE", "shop.settings")
        patch.setenv("SHOP_DATABASE", str(folder / "shop.db"))
        # The browser of other tests keeps a loop running in this thread, which Django takes for a call from within it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        patch.syspath_prepend(str(EXAMPLES / "django_app"))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        yield folder
        from django.db import connections
        from shop.customers import crm  # type: ignore[import-not-found]

        crm().close()
        connections.close_all()
