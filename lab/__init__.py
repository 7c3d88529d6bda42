"""What measurements and tests share: servers to start, signed-in people, histories of bids, checkers and the oracle.

Knows the product. `bench` and `tests` know this package and never each other.
"""
