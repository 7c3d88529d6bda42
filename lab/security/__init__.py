"""Scans of a production installation from outside, with the tools of requirements-security.in and slowhttptest.

`python -m lab.security` starts the installation, runs every tool for a bounded time, and writes docs/security-scan.md.
It fails when a finding above informational has no explanation in `explained.py`.
"""
