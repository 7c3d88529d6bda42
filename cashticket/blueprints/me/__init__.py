"""My page: bids, tickets with the decisions of their holder, and notices."""
