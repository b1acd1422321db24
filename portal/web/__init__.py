"""Floor 1: pages, REST and everything else that speaks HTTP, for every capability above."""
