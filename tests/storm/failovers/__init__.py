"""Failovers under fire: the primary of the live store goes away while many bid, and the replica is promoted."""
