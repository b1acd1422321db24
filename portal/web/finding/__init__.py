"""One field that finds anything: each floor says how its own things are found."""
