"""Where the templates of plugins are found: under the name of their plugin, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jinja2 import Environment, TemplateNotFound
from jinja2.loaders import BaseLoader


class ByPlugin(BaseLoader):
    """Finds ``<plugin>/<template>`` with the loader of that plugin."""

    def __init__(self, loaders: Mapping[str, BaseLoader]) -> None:
        self.loaders = loaders

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return the text of a template. Raises TemplateNotFound."""
        plugin, _slash, rest = template.partition("/")
        loader = self.loaders.get(plugin)
        if loader is None or not rest:
            raise TemplateNotFound(template)
        return loader.get_source(environment, rest)
