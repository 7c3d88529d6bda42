"""The work behind the jobs and the watch: draining, closing, what is put on which queue, and who holds which lease.

A door like `jobs` and `cli`: it may know every room, no room knows it.
"""
