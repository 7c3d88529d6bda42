"""The compose file, carried out without an engine: its own commands and settings, each in namespaces of its own."""
