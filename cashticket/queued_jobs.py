"""Which jobs a worker runs: functions of `cashticket.jobs` with ids, and nothing else.

Whoever can write to the queue store could otherwise name any function of Python, also as a callback, and have a worker
call it. A job is judged when it is read from the store, before anything that it names is imported. What is refused is
deleted and leaves one line in the log.
"""

import logging
import re
from importlib import import_module
from types import FunctionType
from typing import Any

from rq.exceptions import NoSuchJobError
from rq.job import Job

JOBS = "cashticket.jobs"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

log = logging.getLogger(__name__)


class Refused(Exception):
    """The job is not one of ours; the message says why, in words of ours alone."""


class AllowedJob(Job):
    """A job that is one of ours. Reading any other from the store deletes it and raises NoSuchJobError."""

    def restore(self, raw_data: Any) -> None:
        """Take over what the store holds. Raises NoSuchJobError for a job that no worker may run."""
        try:
            try:
                super().restore(raw_data)
            except NoSuchJobError:
                raise
            except Exception as error:
                raise Refused("its fields are malformed") from error
            self._check()
        except Refused as reason:
            self.connection.delete(self.key)
            log.error("a job in the queue store was deleted without being run: %s", reason.args[0])
            raise NoSuchJobError("the job was refused") from reason

    @property
    def func(self) -> Any:
        """The function to call. Raises Refused if it is not one of `cashticket.jobs`."""
        return allowed_function(self.func_name)

    def _check(self) -> None:
        try:
            name, instance, arguments, named = self.func_name, self.instance, self.args, self.kwargs
        except Exception as error:
            raise Refused("its data is malformed") from error
        allowed_function(name)
        if instance is not None or named or not isinstance(arguments, list):
            raise Refused("it carries more than a function and ids")
        if any(type(each) is not int for each in arguments):
            raise Refused("its arguments are no ids")
        if self._has_followers():
            raise Refused("it names callbacks or addresses to call afterwards")
        if any(key != "request_id" or not _is_request_id(value) for key, value in self.meta.items()):
            raise Refused("it carries notes that are not ours")

    def _has_followers(self) -> bool:
        # RQ imports and calls callbacks by their names, and sends requests to the addresses of webhooks.
        names = (self._success_callback_name, self._failure_callback_name, self._stopped_callback_name)
        return any(names) or bool(self.webhooks)


def allowed_function(name: Any) -> FunctionType:
    """The function of `cashticket.jobs` with this dotted name. Raises Refused for everything else."""
    module, _, function_name = name.rpartition(".") if isinstance(name, str) else ("", "", "")
    if module != JOBS or function_name.startswith("_"):
        raise Refused("its function is none of cashticket.jobs")
    function = vars(import_module(JOBS)).get(function_name)
    # What the module has imported for itself is no job.
    if not isinstance(function, FunctionType) or function.__module__ != JOBS:
        raise Refused("its function is none of cashticket.jobs")
    return function


def _is_request_id(value: Any) -> bool:
    return value is None or (isinstance(value, str) and REQUEST_ID.fullmatch(value) is not None)
