"""The simulator, held to the contract it stands in for."""
