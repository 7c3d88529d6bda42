"""The load lab: starts a whole system on loopback, drives it with k6 at fixed arrival rates, and finds its knee.

`python -m lab.load SCENARIO` runs it; `flask lab run` calls that. docs/load-lab.md says what is measured and why.
"""
