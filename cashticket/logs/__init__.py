"""How log lines look, and what may stand in them. Every room may import this one; it imports nothing of ours.

No line names a person: failures are written by class and code, addresses of clients shortened, texts cleaned.
"""
