"""A disaster drill: an auction with bids loses its stores, and is restored by the documented commands."""
