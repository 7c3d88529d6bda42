"""Auctions of any size, made in seconds: bids made up by the law, recorded and restored by the product's own code."""
