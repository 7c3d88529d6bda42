"""The doors of the house as text, one a line. Run `python -m tests.house.routes` to print the list of today."""

import re

from flask import Flask

HEADER = (
    "# Every door: path, methods, endpoint. Other programs depend on these; a change here is a change of the contract."
)


def doors(app: Flask) -> list[str]:
    """`path METHODS endpoint` for every rule of the application, sorted; sockets show the method GET."""
    return sorted(
        f"{path} {','.join(sorted((rule.methods or {'GET'}) - {'HEAD', 'OPTIONS'}))} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for path in spelled_out(rule.rule)
    )


def spelled_out(path: str) -> list[str]:
    """The paths of a rule: one for each word that `<any(…):…>` allows, limits of numbers left out."""
    path = re.sub(r"<int\([^)]*\):", "<int:", path)
    choice = re.search(r"<any\(([^)]*)\):\w+>", path)
    return [path.replace(choice[0], word.strip()) for word in choice[1].split(",")] if choice else [path]


def main() -> None:
    from cashticket import create_app

    print(HEADER)
    print("\n".join(doors(create_app())))


if __name__ == "__main__":
    main()
