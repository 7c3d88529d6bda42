"""A live store that goes back: it goes on from an older copy of itself, or a replica that lags takes its place."""
