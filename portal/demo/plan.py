"""Which programs make up a running portal, as command lines.

The same programs a production installation runs (see docker-compose.yml), in fewer processes: the
queues share two workers here, so that a long discovery or import still cannot hold up a click.
"""

import sys
from collections.abc import Mapping

from portal.demo.environment import HOST, DemoSettings, SimulatedCloud
from portal.demo.programs import Program, command_program

MANAGE = (sys.executable, "manage.py")
_CELERY = (sys.executable, "-m", "celery", "--app", "portal", "--skip-checks")

# In stopping order: first what makes new work, then what does it, then what all of them stand on.
STOP_FIRST, STOP_SIMULATOR, STOP_VALKEY, STOP_POSTGRES = range(4)


def portal_programs(settings: DemoSettings, environment: Mapping[str, str]) -> list[Program]:
    """Return web, workers, beat and relay."""
    commands: dict[str, tuple[str, ...]] = {
        "web": _web(settings),
        "worker": _worker("money,mail,default", processes=2),
        "worker-long": _worker("sync,invoice", processes=1),
        "beat": (
            *_CELERY,
            "beat",
            "--loglevel=INFO",
            f"--schedule={settings.state / 'beat-schedule'}",
            "--pidfile=",
        ),
        "relay": (*MANAGE, "relay"),
    }
    return [
        command_program(
            name,
            command,
            environment=environment,
            log=settings.logs / f"{name}.log",
            stop_rank=STOP_FIRST,
        )
        for name, command in commands.items()
    ]


def simulator_program(
    settings: DemoSettings, environment: Mapping[str, str], cloud: SimulatedCloud
) -> Program:
    """Return the simulator of one Partner Center."""
    command = (
        *MANAGE,
        "partnercenter_simulator",
        f"--port={cloud.port}",
        f"--world={cloud.world}",
        f"--state={cloud.folder}",
        f"--certificate-folder={cloud.certificates}",
    )
    return command_program(
        cloud.name,
        command,
        environment=environment,
        log=settings.logs / f"{cloud.name}.log",
        stop_rank=STOP_SIMULATOR,
    )


def _web(settings: DemoSettings) -> tuple[str, ...]:
    return (
        sys.executable,
        "-m",
        "gunicorn",
        "portal.wsgi",
        f"--bind={HOST}:{settings.port}",
        "--graceful-timeout=3",
    )


def _worker(queues: str, *, processes: int) -> tuple[str, ...]:
    return (
        *_CELERY,
        "worker",
        f"--queues={queues}",
        f"--concurrency={processes}",
        f"--hostname={queues.partition(',')[0]}@%h",
        "--loglevel=INFO",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    )
