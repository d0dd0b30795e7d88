"""How long whole commands take, as ratios to a yardstick that runs in turn with them: `make bench`."""
