"""Finds a program that no Python package brings: one way after the other, each candidate run.

A name on PATH proves nothing, it may be an empty wrapper that tells what to install. What ends well
prints a path and nothing else on standard output; all that is said on the way goes to standard
error.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping

INSTALLING_SECONDS = 900
ANSWERING_SECONDS = 60

Way = Callable[[], Iterator[str]]
"""A way to find a program: it yields paths to try."""


def find(ways: Mapping[str, Way], *, calls_itself: str, failing: str) -> int:
    """Print the path of the first program that runs; return the exit status.

    ``failing`` is said when there is none, with ``{tried}`` for the names of the ways.
    """
    for way in ways.values():
        for path in way():
            if runs(path, calls_itself=calls_itself):
                print(path)
                return 0
    say(failing.format(tried=", ".join(ways)))
    return 1


def given(variable: str) -> Iterator[str]:
    """Yield the path the environment names."""
    path = os.environ.get(variable)
    if path:
        yield path


def on_path(names: Iterable[str], *, beside: str = "") -> Iterator[str]:
    """Yield the programs of these names on PATH and in the folders ``beside`` it."""
    places = f"{os.environ.get('PATH', os.defpath)}:{beside}"
    yield from filter(None, (shutil.which(name, path=places) for name in names))


def install_by_apt(package: str) -> bool:
    """Install a Debian package, where this is Debian and we are root; tell if it was tried."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing {package} with apt")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], environment)
    run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", package], environment)
    return True


def runs(path: str, *, calls_itself: str) -> bool:
    """Tell whether the program starts and says who it is."""
    try:
        answer = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWERING_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and calls_itself in answer.stdout


def run(command: list[str], environment: Mapping[str, str]) -> None:
    """Run an installer with its output on standard error; its failure is told, not fatal."""
    try:
        outcome = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            timeout=INSTALLING_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{command[0]}: {error}")
        return
    if outcome.returncode != 0:
        say(f"{' '.join(command)} ended with status {outcome.returncode}")


def say(text: str) -> None:
    """Write progress where it does not mix with the answer."""
    print(text, file=sys.stderr, flush=True)
