"""Generates JSON Schemas and tables of keys for the input files from the models in `site_src`: `make schemas`."""
