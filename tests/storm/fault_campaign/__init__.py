"""Fault campaign: the whole installation, while its processes are killed, stopped and cut off from each other.

People bid and watch through nginx. What they were answered is judged afterwards, and how long they waited is measured.
`python -m tests.storm.fault_campaign --seed 7` repeats one run with the same faults.
"""
