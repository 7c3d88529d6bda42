"""The bell: one Redis subscription per process, a hub that updates what is watched, and a mailbox for every socket.

`pieces` computes what is shown. `subscription`, `hub`, `channel`, `update` and `connection` carry it to the watchers.
"""
