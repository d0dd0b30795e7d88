"""JSON Schemas and tables of keys for the input files, generated from the models in `site_src`: `make schemas`."""
