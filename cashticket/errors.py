"""The base of errors for operators. Every room may import it; it imports nothing of ours."""


class OperatorError(Exception):
    """The message says what happened and what to do; commands print it as it is.

    Nothing was changed, unless the class says otherwise.
    """
