"""The control routes of the simulator itself, under `/_simulator/`, for tests outside its process.

They are refused to everybody but this machine: they would let a stranger script faults and read the
passwords in the ledger.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from partnercenter.simulator.errors import Problem, SimulatorError
from partnercenter.simulator.fields import read_count
from partnercenter.simulator.outside import ACTIONS as OUTSIDE_ACTIONS
from partnercenter.simulator.switches import SwitchError
from partnercenter.simulator.wire import Request, Response

if TYPE_CHECKING:
    from partnercenter.simulator.simulator import Simulator

CONTROL_PREFIX = "/_simulator/"


def control(simulator: "Simulator", request: Request) -> Response:
    """Answer a control request.

    Raises Problem 403 for a caller on another machine and 404 for an unknown route.
    """
    if not _is_loopback(request.peer):
        raise Problem(403, 0, "Control routes answer callers on this machine only.")
    name = request.path.removeprefix(CONTROL_PREFIX).strip("/")
    action = _ACTIONS.get((request.method, name))
    if action is None:
        known = ", ".join(sorted(f"{method} {CONTROL_PREFIX}{path}" for method, path in _ACTIONS))
        raise Problem(404, 1000, f"There is no such control route. Known: {known}.")
    try:
        return action(simulator, request)
    except (SimulatorError, SwitchError) as error:
        raise Problem(400, 0, str(error)) from error


def _read_ledger(simulator: "Simulator", request: Request) -> Response:
    effects = simulator.ledger.find(
        kind=request.query.get("kind"),
        subject=request.query.get("subject"),
        request_id=request.query.get("request_id"),
        after=read_count(request.query.get("after"), name="after", default=0),
    )
    return Response(body={"count": len(effects), "items": [asdict(effect) for effect in effects]})


def _read_faults(simulator: "Simulator", request: Request) -> Response:
    return Response(body={"items": simulator.faults.report()})


def _write_faults(simulator: "Simulator", request: Request) -> Response:
    content = request.json()
    rules = content if isinstance(content, list) else [content]
    if not all(isinstance(rule, dict) for rule in rules):
        raise Problem(400, 0, "Send one fault rule, or a list of them.")
    simulator.faults.add(rules)
    return _read_faults(simulator, request)


def _remove_faults(simulator: "Simulator", request: Request) -> Response:
    simulator.faults.replace([])
    return _read_faults(simulator, request)


def _read_switches(simulator: "Simulator", request: Request) -> Response:
    return Response(body=asdict(simulator.site.switches))


def _write_switches(simulator: "Simulator", request: Request) -> Response:
    simulator.site.switches = simulator.site.switches.changed(_object(request))
    return _read_switches(simulator, request)


def _read_clock(simulator: "Simulator", request: Request) -> Response:
    return Response(body={"now": simulator.clock().isoformat()})


def _advance_clock(simulator: "Simulator", request: Request) -> Response:
    content = _object(request)
    wrong = [name for name in content if name not in ("days", "hours", "minutes", "seconds")]
    if wrong or not content or any(type(value) not in (int, float) for value in content.values()):
        raise Problem(400, 0, "Send how far to move on in days, hours, minutes and seconds.")
    try:
        simulator.advance(timedelta(**content))
    except OverflowError as error:
        raise Problem(400, 0, "That is further than any clock goes.") from error
    return _read_clock(simulator, request)


def _revoke(simulator: "Simulator", request: Request) -> Response:
    code = _object(request).get("code", 50173) if request.body else 50173
    if not isinstance(code, int):
        raise Problem(400, 0, "code must be the number of an AADSTS code.")
    simulator.revoke_refresh_tokens(code=code)
    return Response(status=204)


def _reset(simulator: "Simulator", request: Request) -> Response:
    simulator.reset()
    return Response(status=204)


def _object(request: Request) -> dict[str, Any]:
    content = request.json()
    if not isinstance(content, dict):
        raise Problem(400, 0, "Send a JSON object.")
    return content


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


_ACTIONS: dict[tuple[str, str], Callable[["Simulator", Request], Response]] = {
    ("GET", "ledger"): _read_ledger,
    ("GET", "faults"): _read_faults,
    ("POST", "faults"): _write_faults,
    ("DELETE", "faults"): _remove_faults,
    ("GET", "switches"): _read_switches,
    ("POST", "switches"): _write_switches,
    ("GET", "clock"): _read_clock,
    ("POST", "clock"): _advance_clock,
    ("POST", "revoke"): _revoke,
    ("POST", "reset"): _reset,
    **OUTSIDE_ACTIONS,
}
