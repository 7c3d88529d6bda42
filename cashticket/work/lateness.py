"""When work is late, so that operators are warned. All in seconds."""

MAIL_LATE_SECONDS = 120.0
"""Mail leaves within seconds, and within a minute when nobody woke a deliverer."""

MAIL_ALARM_SECONDS = 300.0

CHECK_LATE_SECONDS = 180.0
"""Each running auction is checked every minute."""

CLOSING_LATE_SECONDS = 300.0
"""An auction is settled within seconds of its end."""

RECORDING_LATE_SECONDS = 5.0
