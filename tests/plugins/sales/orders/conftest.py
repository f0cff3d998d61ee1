"""The desk of the tests."""

from tests.plugins.sales.orders.fixtures import desk, lite

__all__ = ["desk", "lite"]
