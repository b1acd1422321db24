"""The indirect resellers of a provider, as Partner Center lists them, and whether they signed."""
