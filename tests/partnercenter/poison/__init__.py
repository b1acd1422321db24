"""Answers that are damaged, strange or somebody else's: acceptance tests J08 to J17."""
