"""Poster files of every kind, checked on the pixels that are published."""
