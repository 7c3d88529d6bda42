"""Small C libraries that a server loads before its own, compiled when they are needed."""

import shutil
import subprocess
from pathlib import Path

MISSING = "no C compiler is installed: apt install gcc libc6-dev"


def compiler() -> str | None:
    """Path of the C compiler, if there is one."""
    return shutil.which("cc")


def build(source: Path, library: Path) -> Path:
    """Compile `source` into `library` and return its path. Raises RuntimeError without a C compiler."""
    binary = compiler()
    if binary is None:
        raise RuntimeError(MISSING)
    command = [binary, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return library
