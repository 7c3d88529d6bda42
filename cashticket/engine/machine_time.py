"""Time as this machine measures it, whatever its clock is set to."""

import time


def measured_ms() -> float:
    """Milliseconds since this machine started, asleep or not. Setting the clock does not change them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) * 1000
