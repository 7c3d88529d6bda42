"""Whether an auction is sound: live store, waiting bids, ledger and awards compared with each other and the law."""
