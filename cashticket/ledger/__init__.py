"""THE RECORD: accepted bids as rows, each exactly once, and every read of them. It never decides anything."""
