"""The fidelity rules of the outside API, each by its number: `test_rule_13_...`."""
