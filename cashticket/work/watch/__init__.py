"""What the closing watch does each second: queue what is due, guard the stores, name what is not settled yet."""
