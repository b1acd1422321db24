"""A real Chromium on the live portal. Any message on its console fails the test.

Console messages are how a breach of the Content-Security-Policy shows, so this is its test too.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS, Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.factories.core import Person

# Playwright runs an event loop in the test's own thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

SHAPES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
NAMES = ("chromium", "chromium-browser", "google-chrome")

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the Chromium of this machine; `make test` sees to it that there is one."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    quiet = ["--disable-quic", "--disable-background-networking", "--disable-component-update"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    found = {"executable_path": program} if program else {}
    return {**browser_type_launch_args, **found, "args": [*quiet, *sandbox]}


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Return a function that opens a page as a person: shape, colours, scripts on or off.

    ``trusting``: also where the simulator's own certificate stands for Microsoft's. ``refused``: a
    form is to be refused there, which the browser notes as a failure to load.
    """
    opened, complaints = [], []

    def open_as(
        person: Person | None = None,
        *,
        shape: str = "wide",
        colours: str = "light",
        scripts: bool = True,
        trusting: bool = False,
        refused: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=SHAPES[shape],  # type: ignore[arg-type]
            color_scheme=colours,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            reduced_motion="reduce",
            ignore_https_errors=trusting,
        )
        opened.append(context)
        if person:
            value = person.client().cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type in ("error", "warning") and not (refused and REFUSED in said.text)
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_as
    for context in opened:
        context.close()
    assert complaints == [], "the browser's console is not empty"


REFUSED = "status of 422"
IN_OTHER_COLOURS = {**DEFAULT_OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}
"""All of axe's rules about colours: what may differ where nothing but these does."""


def axe_violations(page: Page, *, options: dict[str, Any] | None = None) -> list[str]:
    """Return what axe finds wrong with the page, one line each."""
    found = Axe().run(page, options=options or DEFAULT_OPTIONS)
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
