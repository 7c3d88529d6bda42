"""Reads what the house sent to phones: sends waiting SMS as the worker would, and looks into the files."""

import re
from dataclasses import replace
from pathlib import Path

from flask import Flask

from cashticket import jobs
from cashticket.extensions import db

CODE = re.compile(r"\b\d{6}\b")


class Phones:
    """Every SMS that the application of a test has sent so far. Making one turns SMS on."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self._folder = folder
        app.extensions["settings"] = replace(app.extensions["settings"], sms_url=f"file:{folder}")

    def texts(self, number: str = "") -> list[str]:
        """The SMS to a number (E.164), or to all, oldest first, each with its number in the first line."""
        db.session.rollback()
        jobs.sms_due()
        texts = [path.read_text("utf-8") for path in sorted(self._folder.glob("*.txt"))]
        return [text for text in texts if text.startswith(f"To: {number}")]

    def code(self, number: str) -> str:
        """The code in the newest SMS to a number."""
        found = CODE.search(self.texts(number)[-1].partition("\n")[2])
        assert found, "the SMS has no code"
        return found.group()
