"""The load lab: its rule, its raw files, its report, its command, and a real run."""
