"""The base of errors for operators. Every room may import it; it imports nothing of ours."""


class OperatorError(Exception):
    """Nothing was changed, and the message says why and what to do instead. Commands print it as it is."""
