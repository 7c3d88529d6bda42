"""THE LOBBY's shop window: concerts, and the auctions published for them."""
