"""Every story of client and simulator, and that together they use the whole client."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest

import partnercenter.resources
from tests.partnercenter.joint import stories
from tests.partnercenter.joint.office import Office, Story, office_opener, public_methods

Record = Callable[[str, object], None]

# Methods no story can use, with the reason.
EXCEPTIONS: dict[str, str] = {}


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


def _run(name: str, folder: Path) -> None:
    opener, offices = office_opener(folder), list[Office]()

    def open_office(**asked: object) -> Office:
        offices.append(opener(**asked))
        return offices[-1]

    STORIES[name](open_office)
    _used_by[name] = {method for office in offices for method in office.used}


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str, tmp_path: Path) -> None:
    _run(name, tmp_path)
    assert _used_by[name]


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
    offered, used = _offered(), set().union(*_used_by.values())
    assert len(offered) > 100
    assert EXCEPTIONS.keys() <= offered - used
    assert sorted(offered - used - EXCEPTIONS.keys()) == []
    record_property(
        "figure",
        f"Client against simulator: {len(offered & used)} of {len(offered)} public methods used"
        f" in {len(STORIES)} stories, {len(EXCEPTIONS)} excepted",
    )
