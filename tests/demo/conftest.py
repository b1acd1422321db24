"""Folders for servers, and servers that are removed when their test ends."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.demo.servers import RunningServer


@pytest.fixture
def open_state() -> Iterator[Path]:
    """A folder everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="tenantry-open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed_state(tmp_path: Path) -> Path:
    """A state folder inside one that only its owner may enter, as in a home with mode 0700."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home / "project" / ".demo"


@pytest.fixture
def running() -> Iterator[Callable[[RunningServer], RunningServer]]:
    """Remove every server given to it when the test ends."""
    servers: list[RunningServer] = []

    def remember(server: RunningServer) -> RunningServer:
        servers.append(server)
        return server

    yield remember
    for server in reversed(servers):
        server.remove()
