"""A02: every task, kind of job, management command, export and mail is written down."""

import ast
import csv
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.core.management import get_commands, load_command_class

from portal.core.jobs.kinds import registered_kinds
from portal.core.jobs.schedule import registered_schedules
from tests.access.calls import Caller
from tests.access.cast import CUSTOMERS, make_side
from tests.access.everything import READS
from tests.access.inventory import (
    COMMANDS,
    EXPORTS,
    JOB_KINDS,
    MONEY_COLUMNS,
    PER_RESELLER,
    SCHEDULES,
    TASKS,
)

Record = Callable[[str, object], None]

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("portal", "tenants", "organizations", "billing", "partnercenter")
OF_A_CONNECTION = re.compile(r"(?<=field:)c[0-9a-f]{8}_")
"""What keeps the fields of one connection apart from those of another, in their keys."""
CSV = "text/csv"
SENDERS = {
    "send_mail",
    "send_mass_mail",
    "mail_admins",
    "mail_managers",
    "EmailMessage",
    "EmailMultiAlternatives",
}
SENDING_ROOM = ("portal/notify/mail.py", "EmailMultiAlternatives")
"""The one place mail leaves from."""


def our_commands() -> dict[str, str]:
    ours = {config.name for config in apps.get_app_configs() if config.name.startswith(PACKAGES)}
    return {name: app for name, app in get_commands().items() if app in ours}


def calls_in_our_code() -> Iterator[tuple[str, str]]:
    """Yield file and name of every function or class that our own code calls."""
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                    yield str(path.relative_to(PROJECT)), name


def test_a02_every_task_is_listed_and_takes_ids_only(record_property: Record) -> None:
    current_app.loader.import_default_modules()
    tasks = {name: task for name, task in current_app.tasks.items() if "celery." not in name}
    listed = {task.name: task.takes for task in TASKS}
    record_property("figure", f"A02: {len(listed)} of {len(tasks)} tasks are listed")
    assert {
        name: tuple(inspect.signature(task.run).parameters) for name, task in tasks.items()
    } == (listed)
    assert all(taken.endswith("_id") for takes in listed.values() for taken in takes)


def test_a02_every_scheduled_task_is_listed_and_carries_nothing() -> None:
    names = {task.name for task in TASKS}
    for entry in current_app.conf.beat_schedule.values():
        assert entry["task"] in names
        assert not entry.get("args")
        assert not entry.get("kwargs")


def test_a02_everything_done_by_the_clock_is_listed() -> None:
    current_app.loader.import_default_modules()
    assert registered_schedules() == SCHEDULES


def test_a02_every_kind_of_job_is_listed(record_property: Record) -> None:
    current_app.loader.import_default_modules()
    kinds = [name for name in registered_kinds() if name.split(".")[0] in PACKAGES]
    record_property("figure", f"A02: {len(JOB_KINDS)} of {len(kinds)} kinds of job are listed")
    assert tuple(kinds) == JOB_KINDS


def test_a02_every_command_is_listed(record_property: Record) -> None:
    found = our_commands()
    record_property("figure", f"A02: {len(COMMANDS)} of {len(found)} commands are listed")
    assert set(found) == set(COMMANDS)


@pytest.mark.parametrize("name", PER_RESELLER)
def test_a02_a_command_that_reads_data_names_its_reseller(name: str) -> None:
    command = load_command_class(our_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    action = next(action for action in parser._actions if "--reseller" in action.option_strings)
    assert action.required


@pytest.mark.django_db(transaction=True)
def test_a02_every_export_and_its_columns_are_listed(record_property: Record) -> None:
    side = make_side("north")
    callers = {role: Caller.of(person) for role, person in side.people.items()}
    found: dict[str, tuple[str, ...]] = {}
    for row in READS:
        role = sorted(row.roles)[0]
        answer = callers[role].call(row, side.objects(side.person(role)))
        if answer.headers.get("Content-Type", "").startswith(CSV):
            first_line = answer.body.decode("utf-8-sig").splitlines()[0]
            found[row.route] = tuple(OF_A_CONNECTION.sub("", first_line).split(","))
    record_property("figure", f"A02: {len(EXPORTS)} of {len(found)} exports are listed")
    assert found == EXPORTS


@pytest.mark.django_db(transaction=True)
def test_a02_an_export_leaves_the_resellers_money_out_for_customers() -> None:
    side = make_side("north")
    taken = 0
    for row in READS:
        for role in row.roles & set(CUSTOMERS) if row.route in EXPORTS else ():
            person = side.person(role)
            answer = Caller.of(person).call(row, side.objects(person))
            lines = list(csv.DictReader(answer.body.decode("utf-8-sig").splitlines()))
            told = {name for line in lines[:-1] for name in MONEY_COLUMNS if line.get(name)}
            taken += len(lines)
            assert told == set()
    assert taken


def test_a02_nothing_is_exported_past_the_one_writer() -> None:
    """Whoever writes CSV by hand forgets the formulas, the count and the scope."""
    files = {path for path, name in calls_in_our_code() if name in {"writer", "DictWriter"}}
    assert {path for path in files if "/management/" not in path} <= {
        "billing/invoices/copying.py",
        "portal/web/exports.py",
    }


def test_a02_mail_leaves_from_one_place() -> None:
    assert {call for call in calls_in_our_code() if call[1] in SENDERS} == {SENDING_ROOM}
