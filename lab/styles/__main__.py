"""Writes the cut style sheet and says how large it is."""

from lab.styles.bootstrap import RESULT, cut_bootstrap

if __name__ == "__main__":
    text = cut_bootstrap()
    RESULT.write_text(text, encoding="utf-8")
    print(f"{RESULT.name}: {len(text.encode())} bytes")
