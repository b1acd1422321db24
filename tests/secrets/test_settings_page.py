"""docs/settings.md lists every variable the code or Compose reads, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.secrets.conftest import Figure

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "settings.md"
SETTINGS = PROJECT / "portal" / "settings.py"
PACKAGES = ("portal", "tenants", "organizations", "billing")
READERS = {"os.environ", "environ"}
"""What a variable is read from. The client and the simulator know ``environ`` as WSGI's."""
ROW = re.compile(r"^\| `(\w+)` \|[^|]+\| (?:`([^`]*)`)? ?\|[^|]+\| (?:yes )?\|$", re.MULTILINE)


def listed() -> dict[str, str]:
    """Return the page's variables with their defaults."""
    return dict(ROW.findall(PAGE.read_text(encoding="utf-8")))


def literal(node: ast.AST | None) -> str:
    """Return a constant as the page writes it; nothing for what is worked out."""
    if not isinstance(node, ast.Constant):
        return ""
    if isinstance(node.value, bool):
        return "on" if node.value else "off"
    return str(node.value)


def in_settings() -> Iterator[tuple[str, str]]:
    """Yield every variable that the settings read, with its default where that is a constant."""
    for node in ast.walk(ast.parse(SETTINGS.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if (called == "secret" or called.startswith("env.")) and literal(node.args[0]):
                default = {word.arg: word.value for word in node.keywords}.get("default")
                yield literal(node.args[0]), literal(default)


def elsewhere() -> Iterator[str]:
    """Yield every variable read straight from the environment."""
    for package in PACKAGES:
        for path in (PROJECT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                found: ast.AST | None = None
                if isinstance(node, ast.Subscript) and ast.unparse(node.value) in READERS:
                    found = node.slice
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    owner = ast.unparse(node.func.value)
                    if owner in READERS or ast.unparse(node.func) == "os.getenv":
                        found = node.args[0] if node.args else None
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "given":
                    found = node.args[0]
                if isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) in READERS:
                    found = node.left
                if literal(found):
                    yield literal(found)


def in_compose() -> set[str]:
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    return set(re.findall(r"(?<!\$)\$\{(\w+)", text))


def test_the_page_lists_what_is_read_and_nothing_else(figure: Figure) -> None:
    read = {name for name, _ in in_settings()} | set(elsewhere()) | in_compose()
    page = listed()
    figure(f"Settings: {len(read & set(page))} of {len(read)} variables are on the page")
    assert set(page) - read == set()
    assert read - set(page) == set()


def test_the_page_tells_the_defaults_the_code_has() -> None:
    page = listed()
    assert {name: page[name] for name, default in in_settings() if default} == {
        name: default for name, default in in_settings() if default
    }


def test_a_password_or_key_is_called_a_secret() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if ROW.match(line)]
    named = re.compile(
        r"^\| `\w*(PASSWORD|SECRET|_KEYS?|DATABASE\w*_URL|REDIS_URL|CACHE_URL|EMAIL_URL)`"
    )
    assert [line for line in lines if named.match(line) and not line.endswith("| yes |")] == []


def test_operations_leads_to_the_page() -> None:
    assert "(settings.md)" in (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
