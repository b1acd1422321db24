"""Commands of the billing floor."""
