"""The lobby: concerts, the auctions published for them, and the cache of their pages."""
