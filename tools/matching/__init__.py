"""Sets the weights of the matching from data, and measures how good it is."""
