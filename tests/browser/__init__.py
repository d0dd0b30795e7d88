"""The published pages in a real browser and a real validator. `npm ci` in this folder installs what both of them need."""
