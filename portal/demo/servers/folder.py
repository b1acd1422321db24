"""The folder one embedded server lives in: its data, password, port, log and lock.

All of it is inside the state folder, with one exception. As root the server runs as `nobody`, and
where `nobody` cannot get into the state folder (a home with mode 0700) the data goes to a folder of
its own under /var/lib or the temporary folder, whose address is noted in the state folder: the
alternative, opening the home for everybody, is not ours to choose.
"""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from portal.demo.errors import DemoError
from portal.demo.private_files import PRIVATE, kept_secret, read_private, write_private
from portal.demo.servers.account import (
    ENTER_ONLY,
    OWNER_ONLY,
    ServerAccount,
    make_folder,
    server_account,
)

LOOPBACK = "127.0.0.1"
_LOCATION = "location"
# mkdtemp chooses the name below these, so nobody can have prepared a trap there.
_SYSTEM_FOLDERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108


class FolderLock:
    """A folder held for this launcher; the kernel gives it back however the launcher ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises DemoError when another launcher has it."""
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._descriptor, 20).decode(errors="replace").strip() or "unknown"
            self.release()
            raise DemoError(
                f"The folder {path.parent} is in use by a start that still runs (process {holder})."
                " Stop that one first, or choose another place with PORTAL_STATE_DIR."
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Give the folder back; doing so twice does no harm."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """Where one server keeps its things.

    `home` is in the state folder and ours; `place` is the same folder or the one outside, and
    holds what the server account must reach.
    """

    home: Path
    place: Path
    account: ServerAccount

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def password(self) -> str:
        """Return the server's password, made once, kept with mode 0600."""
        return kept_secret(self.home / "password", lambda: secrets.token_urlsafe(24))

    def remembered_port(self) -> int | None:
        """Return the port of the last start when it is free now, else None."""
        return _free_noted_port(self.home / "port")

    def remember_port(self, port: int) -> None:
        """Note the port for the next start."""
        write_private(self.home / "port", f"{port}\n")

    def lock(self) -> FolderLock:
        """Take the folder for this launcher. Raises DemoError when another one has it."""
        return FolderLock(self.home / "lock")

    def check_owner(self) -> None:
        """Raise DemoError when the data belongs to another user than the server will run as."""
        if self.data.exists() and self.data.stat().st_uid != self.account.uid:
            raise DemoError(
                f"The data in {self.data} belongs to user id {self.data.stat().st_uid}, but the "
                f"server would run as user id {self.account.uid}. Start it as the user who made "
                "it, or choose another place with PORTAL_STATE_DIR."
            )

    def make_folder(self, name: str) -> Path:
        """Create a folder that only the server account may enter, or return the one there."""
        folder = self.place / name
        make_folder(folder, OWNER_ONLY)
        self.account.own(folder)
        return folder


def open_server_folder(state: Path, name: str) -> ServerFolder:
    """Create, or find again, the folder of one server below a state folder."""
    account = server_account()
    mode = ENTER_ONLY if account.dropped else OWNER_ONLY
    state = state.absolute()
    make_folder(state, mode)
    home = state / name
    make_folder(home, mode)
    noted = read_private(home / _LOCATION)
    if noted:
        place = Path(noted)
        make_folder(place, mode)
    elif account.can_enter(home):
        place = home
    else:
        place = _outside_folder(account)
        write_private(home / _LOCATION, f"{place}\n")
    return ServerFolder(home=home, place=place, account=account)


def remove_server_folder(folder: ServerFolder) -> None:
    """Delete a stopped server's files, also those outside the state folder."""
    shutil.rmtree(folder.place, ignore_errors=True)
    shutil.rmtree(folder.home, ignore_errors=True)


def _outside_folder(account: ServerAccount) -> Path:
    for parent in (*_SYSTEM_FOLDERS, Path(tempfile.gettempdir())):
        if not (os.access(parent, os.W_OK) and account.can_enter(parent)):
            continue
        folder = Path(tempfile.mkdtemp(prefix="tenantry-", dir=parent))
        folder.chmod(ENTER_ONLY)
        return folder
    raise DemoError(
        "As root the servers run as user nobody, which can enter neither the state folder nor "
        "/var/lib nor the temporary folder. Set PORTAL_STATE_DIR to a folder it can enter."
    )


def port_is_free(port: int) -> bool:
    """Tell whether a loopback port can be listened on now; 0 asks for any port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def kept_port(noted: Path, *, taken: set[int]) -> int:
    """Return the free port noted in a file, or note another one, none of those `taken`."""
    port = _free_noted_port(noted)
    while port is None or port in taken:
        port = free_port()
    write_private(noted, f"{port}\n")
    return port


def _free_noted_port(noted: Path) -> int | None:
    text = read_private(noted)
    port = int(text) if text and text.isdigit() else 0
    return port if 0 < port < 65536 and port_is_free(port) else None


def stop_orphan(pid_file: Path, *, marker: str, signal_number: signal.Signals) -> None:
    """Stop a server left behind by a launcher that was killed, and drop a stale pid file.

    A number in a pid file proves nothing, it may have been given to another program since: only a
    process whose command line names `marker` is stopped. Call with the folder's lock held, so a
    server that still runs can only be an orphan. Raises DemoError when it does not stop.
    """
    try:
        first = pid_file.read_text(encoding="ascii", errors="replace").split()[:1]
    except FileNotFoundError:
        return
    pid = int(first[0]) if first and first[0].isdigit() else 0
    if pid < 2 or marker not in command_line(pid):
        pid_file.unlink(missing_ok=True)
        return
    for number in (signal_number, signal.SIGKILL):
        os.kill(pid, number)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if marker not in command_line(pid):
                pid_file.unlink(missing_ok=True)
                return
            time.sleep(0.05)
    raise DemoError(f"An old server with process id {pid} does not stop. Stop it and start again.")


def command_line(pid: int) -> str:
    """Return a process's command line, empty when there is no such process."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        if Path("/proc/self/cmdline").exists():
            return ""
    else:
        return raw.replace(b"\0", b" ").decode(errors="replace").strip()
    listed = subprocess.run(  # noqa: S603
        ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607 - macOS, where there is no /proc
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout.strip()
