"""The rules that inputs must keep: what each demands is the docstring of its function. It touches no disk and changes nothing."""
