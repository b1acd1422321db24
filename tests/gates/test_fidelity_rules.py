"""Every fidelity rule of the simulated service has a test of its own that bears its number."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from tests.partnercenter.simulator.test_recordings_replayed import STAGES
from tests.partnercenter.test_recordings import AREAS
from tests.shared_material import ABSENT, shared_folder

FOLDER = Path(__file__).resolve().parents[1] / "partnercenter"
RULE = re.compile(r"test_rule_(\d\d)_\w+")
RULES = 80
Figure = Callable[[str, object], None]


def numbered_tests() -> dict[int, list[str]]:
    """Return the names of the tests of each rule."""
    found: dict[int, list[str]] = {}
    for path in sorted(FOLDER.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (match := RULE.fullmatch(node.name)):
                found.setdefault(int(match[1]), []).append(node.name)
    return found


def test_every_rule_has_its_test(record_property: Figure) -> None:
    tests = numbered_tests()
    missing = set(range(1, RULES + 1)) - set(tests)
    record_property("figure", f"Fidelity: {RULES - len(missing)} of {RULES} rules have their test")
    assert missing == set()
    assert max(tests) == RULES


def test_every_recorded_area_is_replayed_and_read(record_property: Figure) -> None:
    folder = shared_folder()
    if folder is None:
        # Which areas there are cannot be known here; that none was dropped is known where they are.
        record_property("figure", f"Recordings: {ABSENT}")
        return
    files = sorted((folder / "partner-center" / "recordings").glob("*/*.json"))
    replayed = [path for path in files if path.parent.name in STAGES]
    # The partner network's own profile has a test of its own beside the table.
    read = [path for path in files if path.parent.name in {*AREAS, "mpn-profile"}]
    record_property(
        "figure",
        f"Recordings: {len(replayed)} of {len(files)} replayed, {len(read)} of {len(files)} read",
    )
    assert {path.parent.name for path in files} == {path.parent.name for path in replayed}
    assert len(read) == len(files)
