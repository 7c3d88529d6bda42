"""A process whose interpreter shuts down slowly after a stop signal still exits with status 0."""

import subprocess
import sys

SLOW_TO_END = """
import os, signal, time
from cashticket.work import stopping

class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(1.5)

slow = Slow()
stopping.GRACE_SECONDS = 1
stopping.stop_on_signals(signal.SIGTERM)
os.kill(os.getpid(), signal.SIGTERM)
assert stopping.stop_event.wait(10)
"""


def test_a_process_that_shuts_down_slowly_is_not_killed_by_its_own_alarm() -> None:
    ended = subprocess.run([sys.executable, "-c", SLOW_TO_END], timeout=60, check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr
