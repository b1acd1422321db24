"""Writing the files of a world: UTF-8 JSON, a resource a line, line feeds on every system.

The bytes must not depend on the machine, since a world is the same for the same seed everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO


def open_lines(path: Path) -> TextIO:
    """Open a new JSON Lines file for writing."""
    return path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20)


def as_line(resource: dict[str, Any]) -> str:
    """Return the resource as one line."""
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")) + "\n"


def write_lines(path: Path, resources: Iterable[dict[str, Any]]) -> None:
    """Write all resources into a new file."""
    with open_lines(path) as file:
        file.writelines(as_line(resource) for resource in resources)


def write_json(path: Path, content: object) -> None:
    """Write one JSON document for people to read and edit."""
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
