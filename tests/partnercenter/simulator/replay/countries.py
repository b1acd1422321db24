"""Recordings of validation rules by country, and of address validation."""

from collections.abc import Callable

from tests.partnercenter.simulator.replay.stage import Stage


def stage_anything(stage: Stage) -> None:
    """Neither area reads the world."""


STAGES: dict[str, Callable[[Stage], None]] = {
    "address-validation": stage_anything,
    "country-rules": stage_anything,
}
DIFFERENCES = {
    # One route has one shape: the third recording of it, of the United States, has attributes.
    "ps-getcountryvalidationrules-cn": {"attributes": "+"},
    "ps-getcountryvalidationrules-gb": {"attributes": "+"},
}
