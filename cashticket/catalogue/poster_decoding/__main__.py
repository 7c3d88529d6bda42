"""The process that decodes posters: `python -I FOLDER MEMORY_BYTES CPU_SECONDS`, its other end being standard input."""

import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Answer pictures for posters until the other end is closed."""
    folder = Path(__file__).resolve().parent
    # In place of this folder, and last, so that no module beside it stands in for one of a library.
    sys.path[:1] = []
    sys.path.append(str(folder.parent))
    memory_bytes, cpu_seconds = map(int, sys.argv[1:])
    import_module(f"{folder.name}.bounds").bind(memory_bytes)
    import_module(f"{folder.name}.serving").serve(cpu_seconds)


if __name__ == "__main__":
    main()
