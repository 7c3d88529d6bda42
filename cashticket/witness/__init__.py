"""The witness: what every process knows of accepted bids, written each second where the live store cannot lose it.

A live store that goes on from an older copy of itself does not know what it has lost. The witnesses do: each process
that answers bids or hears them keeps those that the ledger does not have yet. `testimony` says what all of them know.
"""
