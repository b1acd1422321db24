"""Switches that take some values only."""

import pytest

from partnercenter.simulator import Switches
from partnercenter.simulator.switches import SwitchError
from tests.partnercenter.simulator.calls import Caller
from tests.partnercenter.simulator.conftest import MakeSimulator


@pytest.mark.parametrize("form", ["inline", "link", "string"])
def test_a_choice_takes_each_of_its_values(form: str) -> None:
    assert Switches().changed({"manifest": form}).manifest == form


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("manifest", "url", "inline, link, string"),
        ("manifest", "", "inline, link, string"),
        ("blob_rows", 0, "from 1"),
        ("invoice_day", 29, "from 1 to 28"),
        ("invoice_day", True, "int"),
    ],
)
def test_any_other_value_is_refused_and_the_allowed_ones_named(
    make_simulator: MakeSimulator, name: str, value: object, told: str
) -> None:
    with pytest.raises(SwitchError, match=told):
        Switches().changed({name: value})
    simulator = make_simulator()
    before = simulator.site.switches
    answer = Caller(simulator).post("/_simulator/switches", {name: value})
    assert answer.status == 400
    assert told in answer.json()["description"]
    assert simulator.site.switches == before
