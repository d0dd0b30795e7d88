"""One module per command: it reads the options, does the work and prints the result. Also defines the options and their defaults."""
