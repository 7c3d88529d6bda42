"""Compiles the translations: `messages.mo` is made from `messages.po` when it is missing or older.

Git holds only the texts. An image compiles them while it is built, because its files cannot be written later.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "translations"


def compile_texts(folder: Path = FOLDER) -> list[Path]:
    """Compile every catalogue below `folder` whose text is newer than its compiled form.

    Returns the compiled files that were written. Processes that start together may do it at the same time: each file
    appears whole. Raises OSError when the folder cannot be written.
    """
    return [_compile(text) for text in sorted(folder.glob("*/LC_MESSAGES/*.po")) if _is_stale(text)]


def _is_stale(text: Path) -> bool:
    compiled = text.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < text.stat().st_mtime


def _compile(text: Path) -> Path:
    compiled = text.with_suffix(".mo")
    with text.open("rb") as source:
        catalogue = read_po(source)
    with NamedTemporaryFile(dir=text.parent, suffix=".draft", delete=False) as draft:
        write_mo(draft, catalogue)
    Path(draft.name).chmod(0o644)
    return Path(draft.name).replace(compiled)


if __name__ == "__main__":
    compile_texts()
