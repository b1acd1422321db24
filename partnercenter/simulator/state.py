"""The folder in which a simulator keeps its key and its effects from one start to the next."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from partnercenter.simulator.errors import SimulatorError

_IDENTITY = "simulator.json"
_LEDGER = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class State:
    """The signing key, and where effects are written; None keeps them in memory only.

    `begun` is when this state was begun: what happens by the clock alone counts from there.
    """

    secret: bytes
    ledger_path: Path | None
    begun: datetime


def open_state(folder: Path | None, tenant_id: str, *, now: datetime) -> State:
    """Open, or begin at `now`, the state of the world of partner `tenant_id`.

    Raises SimulatorError when the folder cannot be used or belongs to another world.
    """
    if folder is None:
        return State(secret=secrets.token_bytes(32), ledger_path=None, begun=now)
    path = folder / _IDENTITY
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _begin(path, tenant_id, now)
        content = json.loads(path.read_text(encoding="utf-8"))
        owner, secret = content["tenantId"], bytes.fromhex(content["secret"])
        # A state of an earlier version does not say when it was begun.
        begun = datetime.fromisoformat(content.get("begun") or now.isoformat())
    except OSError as error:
        raise SimulatorError(f"State folder {folder}: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SimulatorError(
            f"{path} is not a simulator's state. Choose another state folder or delete this one."
        ) from error
    if owner.lower() != tenant_id.lower():
        raise SimulatorError(
            f"State folder {folder} belongs to the world of partner {owner}, not {tenant_id}. "
            "Choose another state folder or delete this one."
        )
    return State(secret=secret, ledger_path=folder / _LEDGER, begun=begun)


def _begin(path: Path, tenant_id: str, now: datetime) -> None:
    # Written beside and renamed, so that a kill never leaves half a file; the key is for the owner
    # only.
    beside = path.with_suffix(".new")
    content = {"tenantId": tenant_id, "secret": secrets.token_hex(32), "begun": now.isoformat()}
    beside.write_text(json.dumps(content))
    beside.chmod(0o600)
    beside.replace(path)
