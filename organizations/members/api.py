"""API of this capability."""

ROUTES: list[tuple[str, type]] = []
