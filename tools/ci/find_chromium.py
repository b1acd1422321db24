"""Find a Chromium for the browser tests, or install one, and print its path.

The browser tests are never skipped for want of a browser: it is looked for on PATH, then installed
with apt where that is possible (as root), then with Playwright's own installer; when nothing helps
the run ends here with what was tried. Every candidate is run once, because a program on PATH may be
an empty wrapper (Ubuntu's `chromium-browser` without snap).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALLING_SECONDS = 900


def main() -> int:
    """Print the path of a Chromium that runs; return the exit status."""
    tried: list[str] = []
    for step, find in (
        ("CHROMIUM", given),
        ("programs on PATH", on_path),
        ("apt", installed_by_apt),
        ("Playwright's installer", installed_by_playwright),
    ):
        tried.append(step)
        for path in find():
            if runs(path):
                print(path)
                return 0
    print(
        f"No Chromium was found or could be installed (tried: {', '.join(tried)}). Install one, "
        "or set CHROMIUM to its path; the browser tests are not skipped without it.",
        file=sys.stderr,
    )
    return 1


def given() -> Iterator[str]:
    """Yield the path the environment names."""
    path = os.environ.get("CHROMIUM")
    if path:
        yield path


def on_path() -> Iterator[str]:
    """Yield Chromium and its relatives on PATH."""
    yield from filter(None, (shutil.which(name) for name in NAMES))


def installed_by_apt() -> Iterator[str]:
    """Install Debian's Chromium, where this is Debian and we are root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say("Installing chromium with apt")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], environment)
    run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"], environment)
    yield from on_path()


def installed_by_playwright() -> Iterator[str]:
    """Install the Chromium that Playwright brings; as root with the libraries it needs."""
    say("Installing chromium with Playwright")
    options = ["--with-deps"] if os.geteuid() == 0 else []
    run([sys.executable, "-m", "playwright", "install", *options, "chromium"], dict(os.environ))
    question = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright:\n"
        "    print(playwright.chromium.executable_path)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", question], capture_output=True, text=True, check=False
    )
    yield from answer.stdout.split("\n")[:1]


def runs(path: str) -> bool:
    """Tell whether the program starts and calls itself a Chromium or Chrome."""
    try:
        answer = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def run(command: list[str], environment: dict[str, str]) -> None:
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


if __name__ == "__main__":
    sys.exit(main())
