"""Every story of client and simulator, and that together they use the whole client."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import partnercenter.resources
from partnercenter.simulator import Switches
from tests.partnercenter.joint import stories
from tests.partnercenter.joint.office import Office, Story, office_opener, public_methods

Record = Callable[[str, object], None]

# Methods no story can use, with the reason.
EXCEPTIONS: dict[str, str] = {}
# Switches that change nothing the client meets, with the reason.
UNTURNED = {
    "bad_password_status": "the client has no password to sign in with",
    "utilization_lag_seconds": "the client does not read utilisation records",
    "webhook_plain_http": "the client registers https addresses only",
    "migration_seconds": "the client does not migrate old subscriptions",
}
OTHERWISE: dict[str, Any] = {
    "bom": True,
    "links_with_version": True,
    "one_time_numbers_as_strings": True,
    "unknown_columns": True,
    "manifest": "link",
    "cart_update_status": 201,
    "location_absolute": True,
    "transition_operation_ids": False,
}
"""The other choice where Microsoft leaves one open and no story depends on it."""


def _stories() -> dict[str, Story]:
    found: dict[str, Story] = {}
    for module in pkgutil.iter_modules(stories.__path__):
        loaded = importlib.import_module(f"{stories.__name__}.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if name.startswith("story_") and function.__module__ == loaded.__name__:
                found[f"{module.name}-{name.removeprefix('story_')}"] = function
    return found


STORIES = _stories()
_used_by: dict[str, set[str]] = {}
_turned_by: dict[str, set[str]] = {}


def _run(name: str, folder: Path, *, otherwise: bool = False) -> set[str]:
    """Tell a story and return the methods it used."""
    opener, offices = office_opener(folder), list[Office]()

    def open_office(switches: dict[str, Any] | None = None, **files: Any) -> Office:
        chosen = (OTHERWISE if otherwise else {}) | (switches or {})
        offices.append(opener(switches=chosen, **files))
        return offices[-1]

    STORIES[name](open_office)
    used = {method for office in offices for method in office.used}
    if not otherwise:
        _used_by[name] = used
        _turned_by[name] = {switch for office in offices for switch in office.turned}
    return used


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str, tmp_path: Path) -> None:
    assert _run(name, tmp_path)


@pytest.mark.parametrize("name", STORIES)
def test_story_is_the_same_where_microsoft_chose_otherwise(name: str, tmp_path: Path) -> None:
    assert _run(name, tmp_path, otherwise=True)


def _offered() -> set[str]:
    methods: set[str] = set()
    for module in pkgutil.iter_modules(partnercenter.resources.__path__):
        loaded = importlib.import_module(f"partnercenter.resources.{module.name}")
        for _, found in inspect.getmembers(loaded, inspect.isclass):
            if found.__module__ != loaded.__name__:
                continue
            if {"transport", "graph"} & set(inspect.signature(found).parameters):
                methods |= public_methods(found)
    return methods


def test_every_public_method_of_the_client_is_used(tmp_path: Path, record_property: Record) -> None:
    # A story that ran in this process already is not told again.
    for number, name in enumerate(STORIES.keys() - _used_by.keys()):
        _run(name, tmp_path / str(number))
    turned = set[str]().union(*_turned_by.values())
    assert sorted(Switches.names() - turned) == sorted(UNTURNED)
    offered, used = _offered(), set[str]().union(*_used_by.values())
    assert len(offered) > 100
    assert EXCEPTIONS.keys() <= offered - used
    assert sorted(offered - used - EXCEPTIONS.keys()) == []
    record_property(
        "figure",
        f"Client against simulator: {len(offered & used)} of {len(offered)} public methods used"
        f" in {len(STORIES)} stories, {len(EXCEPTIONS)} excepted; {len(turned)} of"
        f" {len(Switches.names())} switches turned, {len(UNTURNED)} excepted",
    )
