"""The whole installation under fire: real processes behind the real nginx are killed, stopped and cut off from each
other while people bid and watch; what they were told is judged afterwards, and how long they waited is measured.

`python -m tests.storm.fault_campaign --seed 7` does one storm and its faults again.
"""
