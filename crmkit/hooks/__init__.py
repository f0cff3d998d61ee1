"""The extension points: markers, specifications, and the values that hooks return.

``crmkit.hooks`` itself exports only the marker that plugins decorate with; everything else is in its modules.
"""

from crmkit.hooks.markers import hookimpl

__all__ = ["hookimpl"]
