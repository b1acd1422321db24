"""The folder in which a simulator keeps its key and its effects from one start to the next."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from partnercenter.simulator.errors import SimulatorError

_IDENTITY = "simulator.json"
_LEDGER = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class State:
    """The signing key, and where effects are written; None keeps them in memory only."""

    secret: bytes
    ledger_path: Path | None


def open_state(folder: Path | None, tenant_id: str) -> State:
    """Open or begin the state of the world of partner `tenant_id`.

    Raises SimulatorError when the folder cannot be used or belongs to another world.
    """
    if folder is None:
        return State(secret=secrets.token_bytes(32), ledger_path=None)
    path = folder / _IDENTITY
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _begin(path, tenant_id)
        content = json.loads(path.read_text(encoding="utf-8"))
        owner, secret = content["tenantId"], bytes.fromhex(content["secret"])
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
    return State(secret=secret, ledger_path=folder / _LEDGER)


def _begin(path: Path, tenant_id: str) -> None:
    # Written beside and renamed, so that a kill never leaves half a file; the key is for the owner
    # only.
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({"tenantId": tenant_id, "secret": secrets.token_hex(32)}))
    beside.chmod(0o600)
    beside.replace(path)
