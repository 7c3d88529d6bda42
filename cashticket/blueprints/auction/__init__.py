"""The auction page, its pieces, the review before a bid, the bid itself and the socket."""
