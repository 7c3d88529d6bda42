"""USE CASES: what doors, jobs and commands share: publishing, draining, closing, checking, voiding, rebuilding.

Imports rooms, and `wiring` for queues and page cache; never doors, jobs or commands. The engine is passed in.
"""
