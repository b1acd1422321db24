"""Small files only their owner may read: passwords, keys and the addresses that contain them.

Written beside the target and renamed over it, so that a reader never sees half a file and the
content is never, not even for a moment, readable for others.
"""

import os
from collections.abc import Callable
from pathlib import Path

from portal.demo.errors import DemoError

PRIVATE = 0o600


def write_private(path: Path, text: str) -> None:
    """Write a text file with mode 0600, whole or not at all.

    Raises DemoError when the folder is not writable or the disk is full.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        unfinished.rename(path)
    except OSError as error:
        raise DemoError(f"Cannot write {path}: {error.strerror}.") from error


def read_private(path: Path) -> str | None:
    """Return the stripped content, or None when there is no such file.

    Raises DemoError when it exists but belongs to somebody else.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DemoError(
            f"Cannot read {path}: {error.strerror}. It was made by another user: start the demo as "
            "that user, or choose another place with PORTAL_STATE_DIR."
        ) from error


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Return the secret kept in a file, making it on the first call."""
    secret = read_private(path)
    if not secret:
        secret = make()
        write_private(path, secret)
    return secret
