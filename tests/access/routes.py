"""Every address of the portal, read from the resolver: what the matrix is held against."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

UNSAFE = ("post", "put", "patch", "delete")
VERBS = ("get", *UNSAFE)


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its full name, the names in it, and the verbs its view answers."""

    name: str
    parameters: tuple[str, ...]
    verbs: tuple[str, ...]
    is_api: bool

    def __str__(self) -> str:
        return self.name


def all_routes() -> list[Route]:
    """Return every named address, in a fixed order. One without a name is an error of its own."""
    return sorted(_walk(get_resolver().url_patterns, ()), key=lambda route: route.name)


def _walk(patterns: list[Any], namespaces: tuple[str, ...]) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            if not pattern.name:
                raise AssertionError(f"The address {pattern.pattern} has no name.")
            yield Route(
                name=":".join((*namespaces, pattern.name)),
                parameters=tuple(pattern.pattern.regex.groupindex),
                verbs=_verbs(pattern.callback),
                is_api=namespaces[:1] == ("api",),
            )


def _verbs(callback: Any) -> tuple[str, ...]:
    actions = getattr(callback, "actions", None)
    if actions:
        return tuple(verb for verb in VERBS if verb in actions)
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if view is None:
        return ("get",)
    allowed = [name.lower() for name in view.http_method_names]
    return tuple(verb for verb in VERBS if verb in allowed and hasattr(view, verb))
