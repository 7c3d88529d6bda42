"""The commands of the house as text, one a line. Run `python -m tests.house.commands` to print the list of today."""

from collections.abc import Iterator

import click
from flask import Flask

HEADER = (
    "# Every command: noun, verb, options. Other programs depend on these; a change here is a change of the contract."
)
# Groups that extensions bring along.
FOREIGN = frozenset({"db"})


def groups(app: Flask) -> dict[str, click.Group]:
    """Our own command groups by noun."""
    return {
        name: group
        for name, group in app.cli.commands.items()
        if isinstance(group, click.Group) and name not in FOREIGN
    }


def commands(app: Flask) -> Iterator[tuple[str, click.Command]]:
    """(`noun verb`, command) for every command of ours, sorted."""
    for noun, group in sorted(groups(app).items()):
        for verb, command in sorted(group.commands.items()):
            yield f"{noun} {verb}", command


def lines(app: Flask) -> list[str]:
    return [f"{name} {' '.join(sorted(_options(command)))}".rstrip() for name, command in commands(app)]


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from (option for option in parameter.opts if option.startswith("--"))
        else:
            yield (parameter.name or "").upper()


def main() -> None:
    from cashticket import create_app

    print(HEADER)
    print("\n".join(lines(create_app())))


if __name__ == "__main__":
    main()
