"""What a measurement found, how it is written down, and when a goal is met.

A goal that is missed is written down like one that is met. It ends no run: what a run must not do
is be wrong, and for that it raises.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MEASURES = {
    "simulator_customers": "simulator_customers.measure",
    "discovery": "discovery.measure",
    "tenant_list": "tenant_list.measure",
    "tenant_api": "tenant_api.measure",
    "bulk_link": "bulk_link.measure",
    "invoice_import": "invoice_import.measure",
    "report": "report.measure",
    "matching": "matching.measure",
    "suggestions": "suggestions.measure",
    "load_tenant_page_direct": "load.page_direct",
    "load_tenant_page_pgbouncer": "load.page_pgbouncer",
    "load_tenant_api_direct": "load.api_direct",
    "load_tenant_api_pgbouncer": "load.api_pgbouncer",
}
"""The module and function of each measurement, in the order in which they are made."""
NAMES = tuple(MEASURES)
WIDTH = max(map(len, NAMES))
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
    """A measurement of ``n`` rows; the ratio is seconds to reference seconds, so small is good.

    ``summary`` is a line of figures without a limit, for the terminal.
    """

    name: str
    n: int
    seconds: float
    reference: str
    reference_seconds: float
    checks: tuple[Check, ...]
    more: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""

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

    @property
    def lines(self) -> list[str]:
        """What a terminal shows: one line, and one for every goal below it."""
        lines = [
            f"{self.name:{WIDTH}}{self.n:>10,}{self.seconds:>12.4f}"
            f"{self.reference_seconds:>12.4f}{self.ratio:>8.2f}  against {self.reference}"
        ]
        for check in self.checks:
            verdict = "met   " if check.met else "MISSED"
            lines.append(f"    {verdict}  {check.value:>12,.2f}  {check.text}")
        return [*lines, f"    {self.summary}"] if self.summary else lines


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A measurement for which this machine lacks something; it is told, not left out."""

    name: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return what the file holds under the measurement's name."""
        return {"met": False, "not_measured": self.reason}

    @property
    def lines(self) -> list[str]:
        """What a terminal shows."""
        return [f"{self.name:{WIDTH}}  not measured: {self.reason}"]


def write_results(path: Path, results: Iterable[Result | NotMeasured]) -> None:
    """Write the file; measurements that were not made this time keep what they had."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known |= {result.name: result.to_dict() for result in results}
    kept = {name: known[name] for name in NAMES if name in known}
    path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def table(results: Iterable[Result | NotMeasured]) -> str:
    """Return the results for a terminal."""
    head = f"{'':{WIDTH}}{'n':>10}{'seconds':>12}{'reference':>12}{'ratio':>8}"
    return "\n".join([head, *(line for result in results for line in result.lines)])


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value
