"""The only package that writes what visitors see: builds, releases, the switch, the journal. It reads back what it wrote."""
