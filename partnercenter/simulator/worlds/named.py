"""Worlds with a name: made once into a cache folder, then opened like any other folder.

The folder's name carries a version, to be raised whenever the generator's output changes. A world
already made is kept when a new month begins, so that a demonstration's invoices do not change
under the data imported from them; removing it from the cache makes it afresh.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from partnercenter.simulator.worlds.errors import WorldError
from partnercenter.simulator.worlds.folder import World
from partnercenter.simulator.worlds.generator import make_world
from partnercenter.simulator.worlds.running_month import write_running_month

VERSION = 4


@dataclass(frozen=True, slots=True)
class Recipe:
    """The arguments a named world is made with."""

    customers: int
    lines: int
    seed: int
    home: str
    program: str
    company_name: str
    hostile: int


RECIPES: Mapping[str, Recipe] = {
    "small": Recipe(60, 600, 20, "NL", "direct", "Lumarken Cloud B.V.", 3),
    "second": Recipe(15, 150, 31, "GB", "indirectProvider", "Penadore Digital Ltd", 1),
    "large": Recipe(100_000, 1_000_000, 42, "NL", "direct", "Lumarken Groep B.V.", 200),
}


def open_world(name_or_folder: str, *, cache: Path) -> World:
    """Open a named world, making it first if the cache does not hold it, or a folder.

    A folder that has the name of a named world is meant by `./small`.

    Raises WorldError for an unknown name, an unusable folder or a cache that cannot be written.
    """
    recipe = RECIPES.get(name_or_folder)
    if recipe is not None:
        return World(_made(name_or_folder, recipe, cache), cache=cache)
    folder = Path(name_or_folder)
    if not folder.is_dir():
        raise WorldError(
            f"World {name_or_folder}: neither a named world ({', '.join(RECIPES)}) nor a folder. "
            "Check the name or the path."
        )
    return World(folder, cache=cache)


def _made(name: str, recipe: Recipe, cache: Path) -> Path:
    target = cache / f"{name}-v{VERSION}"
    if target.is_dir():
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=cache))
    except OSError as error:
        raise WorldError(
            f"World {name}: cannot be made in {cache} ({error.strerror}). Check space and rights."
        ) from error
    try:
        make_world(draft, **asdict(recipe))
        write_running_month(draft)
        _put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _put_in_place(draft: Path, target: Path) -> None:
    # Renaming is atomic: a killed start leaves no half world, and of two starts the first wins.
    try:
        draft.rename(target)
    except OSError:
        if not target.is_dir():
            raise
