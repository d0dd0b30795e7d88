"""Generates files from the code: JSON Schemas, tables of keys, the list of modules (`make schemas`), and the CMS (`make cms`).

`api_models` describes the JSON API as models.
"""
