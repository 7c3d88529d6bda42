"""What measurements and tests share: servers to start, signed-in people, and the history of a run with its checkers.

Knows the product; `bench` and `tests` know this package and never each other.
"""
