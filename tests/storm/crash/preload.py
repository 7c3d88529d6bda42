"""Loaded by the fork server before it forks: everything that is slow the first time."""

from pathlib import Path

from tests.storm.crash.units import CrashStores

app = CrashStores("sqlite://", "unix:///nowhere.sock", Path("/nowhere")).app()
app.test_client().get("/no-such-page")
