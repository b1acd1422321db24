"""The supervisor with stand-in programs: small Python scripts that die, linger or refuse to end."""

import io
import os
import re
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from portal.demo import supervisor as supervisor_module
from portal.demo.console import Console
from portal.demo.errors import DemoError, StopRequested
from portal.demo.programs import PROJECT, Program, command_program
from portal.demo.servers.folder import command_line
from portal.demo.supervisor import Supervisor

pytestmark = pytest.mark.processes

PATIENCE = 60.0

# Writes its number, then waits for ever; with "stubborn" it does not mind being asked to end, and
# with "family" it has a child that does not either.
STAND_IN = """
import os, signal, subprocess, sys, time
place, *habits = sys.argv[1:]
if "stubborn" in habits:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "family" in habits:
    subprocess.Popen([sys.executable, __file__, place, "stubborn"])
if "polite" in habits:
    def leave(*_):
        with open(place + ".order", "a") as order:
            order.write(habits[-1] + "\\n")
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
with open(place, "a") as file:
    file.write(f"{os.getpid()}\\n")
if "mortal" in habits:
    print("connecting to postgresql://app:hush@127.0.0.1/x failed")
    sys.exit(7)
while True:
    time.sleep(60)
"""


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor_module, "STOP_SECONDS", 2.0)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    hangup = signal.getsignal(signal.SIGHUP)
    supervisor = Supervisor(Console(io.StringIO()))
    yield supervisor
    supervisor.stop_all()
    for number, taken in {**before, signal.SIGHUP: hangup}.items():
        signal.signal(number, taken)


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[..., Program]:
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)

    def describe(name: str, *habits: str, stop_rank: int = 0) -> Program:
        return command_program(
            name,
            (sys.executable, str(script), str(tmp_path / name), *habits),
            environment=os.environ,
            log=tmp_path / f"{name}.log",
            stop_rank=stop_rank,
        )

    return describe


def written(path: Path) -> list[int]:
    """Return the process ids that stand-ins have written so far."""
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_stand_in(pid: int) -> bool:
    return "stand_in.py" in command_line(pid)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_dead_program_is_started_again(
    supervisor: Supervisor, stand_in: Callable[..., Program], tmp_path: Path
) -> None:
    supervisor.start(stand_in("one"))
    wait_until(lambda: bool(written(tmp_path / "one")))
    os.kill(written(tmp_path / "one")[0], signal.SIGKILL)
    supervisor.wait_for(
        "a second life",
        lambda: len(written(tmp_path / "one")) == 2,
        seconds=PATIENCE,
        log=tmp_path / "one.log",
    )
    assert is_stand_in(written(tmp_path / "one")[1])


def test_program_that_keeps_dying_ends_the_demo_with_its_log_masked(
    supervisor: Supervisor, stand_in: Callable[..., Program], tmp_path: Path
) -> None:
    program = stand_in("one", "mortal")
    supervisor.start(program)
    with pytest.raises(DemoError) as caught:
        supervisor.wait_for("nothing", lambda: False, seconds=PATIENCE, log=program.log)
    message = str(caught.value)
    assert re.search(r"one ended 3 times shortly after its start.* status 7", message)
    assert "connecting to postgresql://app:***@127.0.0.1/x failed" in message
    assert "hush" not in message
    assert len(written(tmp_path / "one")) == 3


def test_stop_ends_the_stubborn_and_their_children(
    supervisor: Supervisor, stand_in: Callable[..., Program], tmp_path: Path
) -> None:
    supervisor.start(stand_in("one", "stubborn", "family"))
    supervisor.start(stand_in("two", "family"))
    wait_until(lambda: all(len(written(tmp_path / name)) == 2 for name in ("one", "two")))
    pids = written(tmp_path / "one") + written(tmp_path / "two")
    assert all(is_stand_in(pid) for pid in pids)
    supervisor.stop_all()
    wait_until(lambda: not any(is_stand_in(pid) for pid in pids))


def test_dead_programs_children_do_not_outlive_it(
    supervisor: Supervisor, stand_in: Callable[..., Program], tmp_path: Path
) -> None:
    supervisor.start(stand_in("one", "family"))
    wait_until(lambda: len(written(tmp_path / "one")) == 2)
    first_family = written(tmp_path / "one")
    os.kill(max(first_family, key=lambda pid: os.getsid(pid) == pid), signal.SIGKILL)
    supervisor.wait_for(
        "a second family",
        lambda: len(written(tmp_path / "one")) == 4,
        seconds=PATIENCE,
        log=tmp_path / "one.log",
    )
    assert not any(is_stand_in(pid) for pid in first_family)


def test_programs_stop_in_order_of_rank(
    supervisor: Supervisor, stand_in: Callable[..., Program], tmp_path: Path
) -> None:
    for name, rank in (("last", 2), ("first", 0), ("middle", 1)):
        program = stand_in("all", "polite", name, stop_rank=rank)
        supervisor.start(program)
    wait_until(lambda: len(written(tmp_path / "all")) == 3)
    supervisor.stop_all()
    assert (tmp_path / "all.order").read_text().split() == ["first", "middle", "last"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_asks_for_the_end(
    supervisor: Supervisor, stand_in: Callable[..., Program], number: signal.Signals, tmp_path: Path
) -> None:
    supervisor.take_signals()
    supervisor.start(stand_in("one"))
    signal.raise_signal(number)
    assert not supervisor.wanted()
    with pytest.raises(StopRequested):
        supervisor.watch_over()
    with pytest.raises(StopRequested):
        supervisor.start(stand_in("two"))
    assert not (tmp_path / "two.log").exists()


def test_step_that_fails_names_command_status_and_log(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    command = (sys.executable, "-c", "import sys; print('no such column'); sys.exit(3)")
    log = tmp_path / "step.log"
    with pytest.raises(DemoError, match=rf"ended with status 3(?s:.*){log}(?s:.*)no such column"):
        supervisor.run_step(command, environment=os.environ, log=log)


def test_files_written_by_programs_are_private(supervisor: Supervisor, tmp_path: Path) -> None:
    target = tmp_path / "credentials.json"
    command = (sys.executable, "-c", f"open({str(target)!r}, 'w').close()")
    supervisor.run_step(command, environment=os.environ, log=tmp_path / "step.log")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "step.log").stat().st_mode) == 0o600


def test_step_interrupted_by_a_signal_leaves_no_process(
    supervisor: Supervisor, stand_in: Callable[..., Program], tmp_path: Path
) -> None:
    supervisor.take_signals()
    script = tmp_path / "stand_in.py"
    place = tmp_path / "step"
    # The step itself asks the supervisor, its parent, to end: no timing is involved.
    asks = f"import os, signal; os.kill({os.getpid()}, signal.SIGTERM)\n"
    script.write_text(STAND_IN.replace("while True:", f"{asks}while True:"))
    with pytest.raises(StopRequested):
        supervisor.run_step(
            (sys.executable, str(script), str(place), "stubborn"),
            environment=os.environ,
            log=tmp_path / "step.log",
        )
    assert not any(is_stand_in(pid) for pid in written(place))


def supervising(tmp_path: Path) -> Path:
    """Write a program that supervises a stand-in and its child, until it is asked to end."""
    stand_in = tmp_path / "stand_in.py"
    stand_in.write_text(STAND_IN)
    program = tmp_path / "supervising.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import os, pathlib, sys
            from portal.demo.console import Console
            from portal.demo.errors import StopRequested
            from portal.demo.programs import command_program
            from portal.demo.supervisor import Supervisor
            supervisor = Supervisor(Console(sys.stdout))
            supervisor.take_signals()
            command = (sys.executable, {str(stand_in)!r}, {str(tmp_path / "one")!r}, "family")
            log = pathlib.Path({str(tmp_path / "one.log")!r})
            try:
                supervisor.start(command_program(
                    "one", command, environment=os.environ, log=log, stop_rank=0))
                supervisor.watch_over()
            except StopRequested:
                supervisor.stop_all()
            """
        )
    )
    return program


def test_killed_supervisor_leaves_no_process(tmp_path: Path) -> None:
    place = tmp_path / "one"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, str(supervising(tmp_path))]
    with subprocess.Popen(command, env=environment) as process:
        wait_until(lambda: len(written(place)) == 2)
        assert all(is_stand_in(pid) for pid in written(place))
        process.kill()
    wait_until(lambda: not any(is_stand_in(pid) for pid in written(place)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_signal_to_make_alone_ends_its_recipe(tmp_path: Path, number: signal.Signals) -> None:
    place = tmp_path / "one"
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"demo:\n\t@exec {sys.executable} {supervising(tmp_path)}\n")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = ["make", "-f", str(makefile), "demo"]
    # A run of the tests in a shell's background has SIGINT ignored, and make would inherit that.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.DEVNULL, preexec_fn=heed
    ) as make:
        wait_until(lambda: len(written(place)) == 2)
        assert all(is_stand_in(pid) for pid in written(place))
        make.send_signal(number)
    wait_until(lambda: not any(is_stand_in(pid) for pid in written(place)))
