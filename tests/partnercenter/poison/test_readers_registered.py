"""Every reader of the client stands in the registry that J08, J10 and J11 go through."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable

import partnercenter.schemas
from tests.partnercenter.poison.readers import READERS

Record = Callable[[str, object], None]

# Readers of whole answers that cannot be registered, with the reason.
EXCEPTIONS = {"read_event_names": "it reads a bare list of texts, which has no names to damage"}


def _public_readers() -> dict[str, object]:
    """Return the readers of what arrives; those of a part get it as ``Fields`` from another."""
    found: dict[str, object] = {}
    for module in pkgutil.iter_modules(partnercenter.schemas.__path__):
        loaded = importlib.import_module(f"partnercenter.schemas.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if not name.startswith("read_") or function.__module__ != loaded.__name__:
                continue
            first = next(iter(inspect.signature(function, eval_str=True).parameters.values()))
            if first.annotation is object:
                found[name] = function
    return found


def test_every_public_reader_is_registered(record_property: Record) -> None:
    public = _public_readers()
    registered = {reader.read for reader in READERS.values()}
    missing = {name for name, function in public.items() if function not in registered}
    assert missing == EXCEPTIONS.keys()
    assert len(registered) == len(READERS) == len(public) - len(EXCEPTIONS)
    record_property(
        "figure", f"Readers: {len(registered)} of {len(public)} registered, {len(missing)} excepted"
    )
