"""Taxes that another plugin knows: asked once for all lines, and never the reason why a quote cannot be written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from crmkit import CRM, Settings
from crmkit.manifest import PluginManifest
from tests.plugins.sales.quotes.shop import Shop

PLUGIN = '''
"""A plugin that knows taxes."""

from decimal import Decimal
from crmkit import hookimpl


@hookimpl
def sales_tax_rates(session, customer_id, product_ids):
    if {broken}:
        raise ValueError("no line to the office")
    return {{each: Decimal("7" if each else "19") for each in product_ids}}
'''

Open = Callable[[bool], Shop]


@pytest.fixture
def taxed(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """A function that opens the shop with the plugin, which fails if asked for."""
    opened: list[CRM] = []

    def open_shop(broken: bool) -> Shop:
        package = tmp_path / "taxes" / "crmkit_taxes"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text('"""Taxes."""\n', "utf-8")
        (package / "plugin.py").write_text(PLUGIN.format(broken=broken), "utf-8")
        monkeypatch.syspath_prepend(str(package.parent))
        for name in [name for name in sys.modules if name.startswith("crmkit_taxes")]:
            monkeypatch.delitem(sys.modules, name)
        manifest = PluginManifest(
            name="taxes",
            title="Taxes",
            version="1.0",
            api="1.0",
            module="crmkit_taxes.plugin",
            requires={"sales": ""},
        )
        settings = Settings(database=shop.crm.settings.database, options={"sales": {"tax_rate": "20"}})
        crm = CRM.open(settings, plugins=[manifest])
        opened.append(crm)
        crm.enable("taxes")
        return evolve(shop, crm=crm)

    yield open_shop
    for crm in opened:
        crm.close()


@pytest.mark.parametrize(("broken", "rates"), [(False, [7, 19, 5]), (True, [20, 20, 5])])
def test_rates_of_a_plugin(taxed: Open, broken: bool, rates: list[int]) -> None:
    """They are the lines', save where one was given; a plugin that fails leaves the usual rate."""
    shop = taxed(broken)
    lines = [shop.line("chair"), {"text": "Delivery", "unit_price": "10"}, shop.line("table", tax_rate=Decimal(5))]
    assert [line.tax_rate for line in shop.lines(shop.quote(*lines))] == rates
