"""Where reference material that is not part of this project is, if it is here at all.

Recorded exchanges and matching samples are other people's data and stay out of the tree. Tests
that read them look beside the checkout, or where ``TENANTRY_SHARED`` points, and say so when there
is nothing.
"""

import os
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

ABSENT = (
    "reference material is absent: put it in a folder 'shared' beside the checkout "
    "or name its folder in TENANTRY_SHARED"
)


def shared_folder() -> Path | None:
    """Return the folder of the reference material, or None when it is not there."""
    named = os.environ.get("TENANTRY_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    return folder if folder.is_dir() else None


def recordings(*areas: str) -> list[ParameterSet]:
    """Return one test parameter per recorded exchange of these areas; one skipped when absent."""
    folder = shared_folder()
    if folder is None:
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=ABSENT))]
    found = [
        pytest.param(path, id=f"{area}/{path.stem}")
        for area in areas
        for path in sorted((folder / "partner-center" / "recordings" / area).glob("*.json"))
    ]
    assert found, f"no recordings of {areas} in {folder}"
    return found
