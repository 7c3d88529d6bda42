"""Checks whether an auction is sound: live store, waiting bids, ledger and awards against each other and the law."""
