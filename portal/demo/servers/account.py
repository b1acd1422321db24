"""The system account under which PostgreSQL and Valkey run.

PostgreSQL refuses to run as root, and the usual way out (creating a system user and opening the
folders above the data) changes the machine. So as root the servers become `nobody`, an account
every Unix has, and as anybody else they stay what they are: no user is made, no folder that is not
ours changes its mode.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from portal.demo.errors import DemoError

OWNER_ONLY = 0o700
ENTER_ONLY = 0o711  # others may pass through by name but not list; the files inside are 0600


class Credentials(TypedDict, total=False):
    """The arguments of `subprocess` that change who a child is; empty means "as we are"."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """A user id and group id to run servers under; `dropped` when they are not our own."""

    uid: int
    gid: int
    dropped: bool

    def credentials(self) -> Credentials:
        """Return the `subprocess` arguments that make a child run under this account."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Tell by trying whether the account gets into a folder: parents and ACLs count too."""
        probe = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            **self.credentials(),
        )
        return probe.returncode == 0

    def own(self, path: Path) -> None:
        """Give one file or folder of ours to the account."""
        if self.dropped:
            os.chown(path, self.uid, self.gid)


def server_account() -> ServerAccount:
    """Return the account for servers started by this process.

    Raises DemoError when the current user id has no name (initdb insists on one), as happens in
    containers that are run under an arbitrary number.
    """
    uid = os.geteuid()
    if uid == 0:
        nobody = pwd.getpwnam("nobody")
        return ServerAccount(uid=nobody.pw_uid, gid=nobody.pw_gid, dropped=True)
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise DemoError(
            f"User id {uid} has no entry in the password file, and PostgreSQL needs a user name. "
            "Run under a named user, or set DATABASE_URL to a PostgreSQL server of yours."
        ) from None
    return ServerAccount(uid=uid, gid=os.getegid(), dropped=False)


def make_folder(folder: Path, mode: int) -> None:
    """Create a folder with exactly this mode; one that exists keeps the mode it has.

    Raises DemoError when it cannot be created or written.
    """
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(mode)
    except OSError as error:
        raise DemoError(
            f"Cannot create the folder {folder}: {error.strerror}. "
            "Choose another place with PORTAL_STATE_DIR."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DemoError(
            f"The folder {folder} is not writable for this user. "
            "Make it writable or choose another place with PORTAL_STATE_DIR."
        )
