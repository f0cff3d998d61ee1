"""The API over HTTP, made from what the kernel and the plugins declare: resources, operations, and what is about them.

Endpoints are declared (`declaring`), found (`table`), served (`dispatch`) and documented (`openapi`) from one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

if TYPE_CHECKING:
    from crmkit.web.http.call import Doors


def rest_routes(doors: Doors) -> list[BaseRoute]:
    """Return the routes of the API."""
    from crmkit.web.rest.dispatch import Api
    from crmkit.web.rest.route import ApiRoute

    return [ApiRoute(Api(doors))]
