"""Find a Chromium for the browser tests, or install one, and print its path.

The browser tests are never skipped for want of a browser: it is looked for on PATH, then installed
with apt where that is possible (as root), then with Playwright's own installer; when nothing helps
the run ends here with what was tried. On PATH there may be an empty wrapper (Ubuntu's
`chromium-browser` without snap), so every candidate is run once.
"""

import os
import subprocess
import sys
from collections.abc import Iterator

from tools.ci.finding import find, given, install_by_apt, on_path, run, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FAILING = (
    "No Chromium was found or could be installed (tried: {tried}). Install one, or set CHROMIUM to "
    "its path; the browser tests are not skipped without it."
)


def main() -> int:
    """Print the path of a Chromium that runs; return the exit status."""
    ways = {
        "CHROMIUM": lambda: given("CHROMIUM"),
        "programs on PATH": lambda: on_path(NAMES),
        "apt": installed_by_apt,
        "Playwright's installer": installed_by_playwright,
    }
    return find(ways, calls_itself="Chrom", failing=FAILING)


def installed_by_apt() -> Iterator[str]:
    """Install Debian's Chromium."""
    if install_by_apt("chromium"):
        yield from on_path(NAMES)


def installed_by_playwright() -> Iterator[str]:
    """Install the Chromium that Playwright brings; as root with the libraries it needs."""
    say("Installing chromium with Playwright")
    options = ["--with-deps"] if os.geteuid() == 0 else []
    run([sys.executable, "-m", "playwright", "install", *options, "chromium"], os.environ)
    question = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright:\n"
        "    print(playwright.chromium.executable_path)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", question], capture_output=True, text=True, check=False
    )
    yield from answer.stdout.split("\n")[:1]


if __name__ == "__main__":
    sys.exit(main())
