"""What the tests of commands start from."""

import pytest
from flask import Flask

from cashticket.catalogue.concerts import add_concert
from cashticket.locale import to_moment
from cashticket.wiring import current_engine
from tests.staging.rows import DAY


@pytest.fixture
def concert(app: Flask) -> int:
    """A concert in ten days, with the usual deadline."""
    starts_at = to_moment(current_engine().clock()) + 10 * DAY
    return add_concert(title="Spring Night", artist="The Lanterns", venue="Han River Hall", starts_at=starts_at).id
