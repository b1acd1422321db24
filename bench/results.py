"""What a measurement found, how it is written down, and when a goal is met.

A goal that is missed is written down like one that is met. It ends no run: what a run must not do
is be wrong, and for that it raises.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("discovery", "tenant_list", "tenant_api", "bulk_link", "invoice_import", "report")
DIGITS = 4


class BenchError(Exception):
    """A measurement could not be made, or what it measured did wrong work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One number against its limit; ``at_least`` tells on which side of it is good."""

    what: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def text(self) -> str:
        return f"{self.what} {'at least' if self.at_least else 'at most'} {self.limit:,g}"


@dataclass(frozen=True, slots=True)
class Result:
    """A measurement of ``n`` rows; the ratio is seconds to reference seconds, so small is good."""

    name: str
    n: int
    seconds: float
    reference: str
    reference_seconds: float
    checks: tuple[Check, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return self.seconds / self.reference_seconds

    @property
    def goal(self) -> str:
        return "; ".join(check.text for check in self.checks)

    @property
    def met(self) -> bool:
        return all(check.met for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return what the file holds under the measurement's name."""
        found = {
            "n": self.n,
            "seconds": self.seconds,
            "reference_seconds": self.reference_seconds,
            "ratio": self.ratio,
            "goal": self.goal,
            "met": self.met,
            "reference": self.reference,
            "checks": [asdict(check) | {"met": check.met} for check in self.checks],
            **self.more,
        }
        return {name: _rounded(value) for name, value in found.items()}


def write_results(path: Path, results: Iterable[Result]) -> None:
    """Write the file; measurements that were not made this time keep what they had."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known |= {result.name: result.to_dict() for result in results}
    kept = {name: known[name] for name in NAMES if name in known}
    path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def table(results: Iterable[Result]) -> str:
    """Return the results for a terminal: one line each, and one for every goal below it."""
    lines = [f"{'':16}{'n':>10}{'seconds':>12}{'reference':>12}{'ratio':>8}"]
    for result in results:
        lines.append(
            f"{result.name:16}{result.n:>10,}{result.seconds:>12.4f}"
            f"{result.reference_seconds:>12.4f}{result.ratio:>8.2f}  against {result.reference}"
        )
        for check in result.checks:
            verdict = "met   " if check.met else "MISSED"
            lines.append(f"    {verdict}  {check.value:>12,.2f}  {check.text}")
    return "\n".join(lines)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value
