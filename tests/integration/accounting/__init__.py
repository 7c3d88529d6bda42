"""What happens to answered bids after the live store went back to an older state of itself."""
