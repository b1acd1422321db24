"""Routes: which room answers which method and path.

Paths and methods of all rooms are matched without case and under `/v1` and `/v1.0`, as the
service's own version slot allows.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.wire import Response

if TYPE_CHECKING:
    from partnercenter.simulator.site import Call

Room = Callable[["Call"], Response]


class Access(Enum):
    """Which kind of caller a route lets in."""

    OPEN = "nobody is asked"
    ANY = "an application alone or with a user"
    USER = "an application with a signed-in user"


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the service.

    `path` has `{name}` for one segment. `versioned` puts it under `/v1`; `idempotent` operations
    answer a repeated `MS-RequestId` with their first answer.
    """

    method: str
    path: str
    room: Room
    access: Access = Access.ANY
    versioned: bool = True
    idempotent: bool = False
    graph: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A route and the values of the names in its path."""

    route: Route
    params: dict[str, str]


class Router:
    """Finds the route of a request; the first one listed wins."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = [(_pattern(route), route) for route in routes]
        self._graph_areas = {_area(route.path) for route in routes if route.graph}

    def find(self, method: str, path: str) -> Match:
        """Return the match.

        Raises Problem 404 for an unknown path and 405 for a method the path does not have.
        """
        allowed: set[str] = set()
        for pattern, route in self._routes:
            found = pattern.fullmatch(path)
            if found and route.method == method:
                return Match(route=route, params=found.groupdict())
            if found:
                allowed.add(route.method)
        if allowed:
            raise Problem(
                405,
                0,
                f"{method} is not supported on this resource.",
                headers={"Allow": ", ".join(sorted(allowed))},
            )
        raise Problem(404, 1000, f"There is no resource at {path}.")

    def is_graph(self, path: str) -> bool:
        """Tell whether a path, known or not, lies where Microsoft Graph answers.

        Graph and Partner Center are two hosts of Microsoft's and one here; their error bodies
        differ, also for paths that do not exist.
        """
        return _area(path) in self._graph_areas


def _area(path: str) -> str:
    return "/".join(path.split("/", 3)[1:3]).lower()


def _pattern(route: Route) -> re.Pattern[str]:
    text = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(route.path))
    version = r"/v1(?:\.0)?" if route.versioned else ""
    return re.compile(f"{version}{text}/?", re.IGNORECASE)
