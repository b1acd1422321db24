"""docs/simulator.md lists every switch, control route, fault, option and world file."""

import json
import re
from dataclasses import fields
from pathlib import Path

from partnercenter.management.commands.partnercenter_simulator import Command
from partnercenter.simulator.control import _ACTIONS, CONTROL_PREFIX
from partnercenter.simulator.fault_actions import ACTIONS
from partnercenter.simulator.faults import _SELECTORS
from partnercenter.simulator.stores.customers import WORLD_ONLY
from partnercenter.simulator.switches import Switches
from partnercenter.simulator.worlds.folder import _ID_OF, PARTNER_KEYS
from partnercenter.simulator.worlds.named import RECIPES

PROJECT = Path(__file__).resolve().parents[3]
PAGE = (PROJECT / "docs" / "simulator.md").read_text(encoding="utf-8")
FIRST_CELLS = re.compile(r"^\| (.+?) \|", re.MULTILINE)


def rows(heading: str) -> list[str]:
    """Return the rows of the table whose first column has this heading."""
    start = PAGE.index(f"| {heading} |")
    table = PAGE[start:].split("\n\n", 1)[0]
    return table.splitlines()[2:]


def names(heading: str) -> list[str]:
    """Return what stands in code style in the first column of a table."""
    first = [FIRST_CELLS.findall(row)[0] for row in rows(heading)]
    return [name for cell in first for name in re.findall(r"`([^`]+)`", cell)]


def test_every_switch_is_on_the_page_with_its_default() -> None:
    listed = [re.findall(r"`([^`]*)`", row)[:2] for row in rows("Name")]
    assert listed == [[one.name, json.dumps(one.default)] for one in fields(Switches)]


def test_every_control_route_is_on_the_page() -> None:
    known = {f"{method} {CONTROL_PREFIX}{path}" for method, path in _ACTIONS}
    listed = names("Route")
    assert (set(listed), len(listed)) == (known, len(known))


def test_every_fault_and_selector_is_on_the_page() -> None:
    assert names("Action") == list(ACTIONS)
    assert names("Selector") == list(_SELECTORS)
    explained = dict(zip(names("Action"), rows("Action"), strict=True))
    for name, action in ACTIONS.items():
        for argument in action.arguments:
            assert f"`{argument}`" in explained[name]


def test_every_file_and_key_of_a_world_is_on_the_page() -> None:
    collections = {f"{name}.jsonl" for name in _ID_OF}
    others = {"partner.json", "faults.json", "invoice_lines/ID.jsonl"}
    assert set(names("File")) == collections | others
    assert set(names("Key")) == WORLD_ONLY
    (partner,) = [row for row in rows("File") if row.startswith("| `partner.json`")]
    assert set(PARTNER_KEYS) <= set(re.findall(r"`(\w+)`", partner))


def test_every_option_of_the_command_is_on_the_page() -> None:
    parser = Command().create_parser("manage.py", "partnercenter_simulator")
    django = {"--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback"}
    django |= {"--no-color", "--force-color", "--skip-checks"}
    own = {
        option
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--")
    } - django
    assert {name.split()[0] for name in names("Option")} == own
    (world,) = [row for row in rows("Option") if "`--world DIR`" in row]
    assert set(RECIPES) <= set(re.findall(r"`(\w+)`", world))


def test_the_house_leads_to_the_page() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "docs/architecture.md"):
        assert "simulator.md)" in (PROJECT / page).read_text(encoding="utf-8")
