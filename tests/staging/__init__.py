"""Makes what a test is about: people, concerts, auctions, bids and awards. Each test passes only what matters to it."""
