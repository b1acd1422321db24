"""Scripted faults: rules that say which calls go wrong, and how.

A rule is a JSON object in the world's `faults.json` or in `POST /_simulator/faults`:

    {"method": "GET", "path": "^/v1/customers$", "call": 3, "action": "status", "status": 503}

`method` and `path` (a regular expression searched in the path, `?` and query included) choose the
calls; `call` takes only the n-th of them, `every` each n-th, `times` at most so many, otherwise
all. Every rule counts by itself and all rules that fire are applied in their order. The actions are
in fault_actions.py.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.simulator.errors import SimulatorError
from partnercenter.simulator.fault_actions import ACTIONS, Action
from partnercenter.simulator.wire import Request, Response

_SELECTORS = {"name": str, "method": str, "path": str, "call": int, "every": int, "times": int}


@dataclass(slots=True)
class Rule:
    """One rule and how often it was met."""

    method: str
    path: re.Pattern[str]
    call: int
    every: int
    times: int
    action: Action
    arguments: Mapping[str, Any]
    source: Mapping[str, Any]
    met: int = 0
    fired: int = 0
    earlier: dict[str, Any] = field(default_factory=dict)
    """Answers remembered for the actions that bring one back."""

    def matches(self, request: Request) -> bool:
        """Tell whether a call is one this rule counts."""
        if self.method and self.method != request.method:
            return False
        target = f"{request.path}?{request.raw_query}" if request.raw_query else request.path
        return bool(self.path.search(target))

    def fires(self) -> bool:
        """Count a call and tell whether this is one to go wrong."""
        self.met += 1
        chosen = (not self.call or self.met == self.call) and (
            not self.every or self.met % self.every == 0
        )
        if not chosen or (self.times and self.fired >= self.times):
            return False
        self.fired += 1
        return True


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules one request met, and whether each fires."""

    rules: Sequence[tuple[Rule, bool]]

    def before(self, request: Request, *, now: datetime) -> Response | None:
        """Apply what happens instead of the call; may wait, may raise ConnectionResetError."""
        for rule, fires in self.rules:
            answer = rule.action.before(request, rule.arguments, now) if fires else None
            if answer is not None:
                return answer
        return None

    def after(self, request: Request, response: Response) -> Response:
        """Bend the answer of a call that has had its effect; may raise ConnectionResetError."""
        for rule, fires in self.rules:
            if fires:
                response = rule.action.after(request, response, rule.arguments, rule.earlier)
            elif response.status == 200:
                rule.earlier["body"] = response.body
        return response


class FaultScript:
    """The rules in force."""

    def __init__(self, rules: Sequence[Mapping[str, Any]], *, origin: str) -> None:
        """Read the rules; raises SimulatorError naming origin and rule when one is wrong."""
        self._lock = threading.Lock()
        self._rules = _read_rules(rules, origin)

    def draw(self, request: Request) -> Plan:
        """Count a request on every rule it matches and return what is to happen to it."""
        if not self._rules:
            return Plan(())
        with self._lock:
            met = [rule for rule in self._rules if rule.matches(request)]
            return Plan([(rule, rule.fires()) for rule in met])

    def add(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Add rules behind the present ones; raises SimulatorError if one is wrong."""
        read = _read_rules(rules, "Fault script")
        with self._lock:
            self._rules.extend(read)

    def replace(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Put these rules in place of the present ones; raises SimulatorError if one is wrong."""
        read = _read_rules(rules, "Fault script")
        with self._lock:
            self._rules = read

    def report(self) -> list[dict[str, Any]]:
        """Return every rule with how often it was met and fired."""
        with self._lock:
            return [{**rule.source, "met": rule.met, "fired": rule.fired} for rule in self._rules]


def _read_rules(rules: Sequence[Mapping[str, Any]], origin: str) -> list[Rule]:
    return [
        read_rule(rule, where=f"{origin}, rule {position}")
        for position, rule in enumerate(rules, start=1)
    ]


def read_rule(rule: Mapping[str, Any], *, where: str) -> Rule:
    """Return a rule from its JSON object.

    Raises SimulatorError saying what is wrong, led by `where`.
    """
    action = ACTIONS.get(str(rule.get("action")))
    if action is None:
        known = ", ".join(sorted(ACTIONS))
        raise SimulatorError(f"{where}: unknown action {rule.get('action')!r}; known: {known}.")
    types = _SELECTORS | action.arguments
    for name, value in rule.items():
        if name != "action" and name not in types:
            raise SimulatorError(f"{where}: {name!r} is not known for action {rule['action']!r}.")
        if name != "action":
            _check_value(value, types[name], place=f"{where}: {name!r}")
    if not 100 <= rule.get("status", 500) <= 599:
        raise SimulatorError(f"{where}: 'status' must be an HTTP status.")
    try:
        path = re.compile(rule.get("path", ""), re.IGNORECASE)
    except re.error as error:
        raise SimulatorError(f"{where}: path is not a regular expression: {error}.") from error
    return Rule(
        method=rule.get("method", "").upper(),
        path=path,
        call=rule.get("call", 0),
        every=rule.get("every", 0),
        times=rule.get("times", 0),
        action=action,
        arguments={name: rule[name] for name in action.arguments if name in rule},
        source=dict(rule),
    )


def _check_value(value: object, wanted: type, *, place: str) -> None:
    if not _is_a(value, wanted):
        raise SimulatorError(f"{place} has a value of the wrong type.")
    if isinstance(value, (int, float)) and value < 0:
        raise SimulatorError(f"{place} must not be negative.")


def _is_a(value: object, wanted: type) -> bool:
    if wanted is object:
        return True
    if wanted is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
