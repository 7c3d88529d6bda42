"""Reads the files that concerts are imported from, as people have them: CSV, JSON and XLSX, into one kind of table."""
