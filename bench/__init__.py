"""Benchmarks: measures whole commands, in seconds and as ratios to a yardstick that runs in turn with them (`make bench`)."""
