"""Benchmarks: the time of whole commands, as ratios to a yardstick that runs alternately with them (`make bench`)."""
