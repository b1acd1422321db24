"""``python -m bench``: measure, print a table, write the results.

The status is 0 also when goals are missed: they are judged by who reads them. It is 1 when
something could not be measured or did wrong work.
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import NoReturn

import django
from django.utils.module_loading import import_string

from bench.ground import open_ground
from bench.results import (
    MEASURES,
    NAMES,
    BenchError,
    NotMeasured,
    Result,
    table,
    write_results,
)
from bench.sizes import Sizes, sizes
from portal.demo.errors import DemoError

FOLDER = Path(__file__).resolve().parent
SMOKE_SCALE = 0.02


def main() -> int:
    """Measure what the arguments ask for."""
    asked = _arguments()
    scale = asked.scale or (SMOKE_SCALE if asked.smoke else 1.0)
    out = asked.out or FOLDER / ("results.smoke.json" if scale < 1 else "results.json")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        results = _measure(asked.only or NAMES, sizes(scale=scale, full=asked.full))
    except (BenchError, DemoError) as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    write_results(out, results)
    sys.stdout.write(f"{table(results)}\n")
    _say(f"Written to {out}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=(
            "Measure the portal against bare work of the same kind, side by side, on servers made"
            " for it. DATABASE_URL (an administrator's) and REDIS_URL, when set, are used instead:"
            " a database is made and dropped there, and the passwords of the portal's logins are"
            " set to PORTAL_DB_WEB_PASSWORD and PORTAL_DB_MIGRATE_PASSWORD, or to new ones."
        ),
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--smoke", action="store_true", help="a fiftieth of the rows: does it run?")
    size.add_argument("--full", action="store_true", help="a million tenants and invoice lines")
    size.add_argument("--scale", type=_share, help="this share of the rows, such as 0.001")
    parser.add_argument(
        "--only", action="append", choices=NAMES, help="measure this alone; may be repeated"
    )
    parser.add_argument("--out", type=Path, help="write the results to this file")
    return parser.parse_args()


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError("a share is above 0 and at most 1")
    return share


def _measure(names: tuple[str, ...], asked: Sizes) -> list[Result | NotMeasured]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    results = []
    with open_ground(asked) as ground:
        django.setup()
        for name in names:
            began = perf_counter()
            # Each imports models, which needs Django set up, which needs the ground.
            results.append(import_string(f"bench.{MEASURES[name]}")(ground))
            _say(f"{name}: measured in {perf_counter() - began:.0f} s")
    return results


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
