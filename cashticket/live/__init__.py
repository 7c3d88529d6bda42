"""The bell: one Redis subscription per process, a hub that looks again, and a mailbox for every socket.

`pieces` says what the pieces show; `subscription`, `channel`, `hub` and `wire` carry them to whoever watches.
"""
