"""
The command line, thin: each command reads its options, calls the packages or a service, and prints.

draws    draw, verify
designs  design show, design check
listing  listing export, listing import
planning plan
scores   score
serving  serve, demo
cards    cards
rounds   simulate, close, export
people   user
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from survey_app.cli.speaking import BAD_DATA, BAD_USAGE, refusal_lines, say, status_of
from survey_app.cli.typing_errors import click_lines

COMMANDS = {
    "draw": "survey_app.cli.draws",
    "verify": "survey_app.cli.draws",
    "design": "survey_app.cli.designs",
    "listing": "survey_app.cli.listing",
    "plan": "survey_app.cli.planning",
    "score": "survey_app.cli.scores",
    "serve": "survey_app.cli.serving",
    "demo": "survey_app.cli.serving",
    "simulate": "survey_app.cli.rounds",
    "cards": "survey_app.cli.cards",
    "close": "survey_app.cli.rounds",
    "export": "survey_app.cli.rounds",
    "user": "survey_app.cli.people",
}


class LazyGroup(click.Group):
    """Loads a command's module only when it is called, and turns every refusal into one clear sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        from importlib import import_module

        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; what click refuses is one sentence in the language asked for, with status 2."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            status = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            for line in click_lines(error):
                click.echo(line, err=True)
            sys.exit(BAD_USAGE)
        except click.Abort:
            click.echo(say("Stopped; nothing more was done.", "已中止。"), err=True)
            sys.exit(BAD_DATA)
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal goes to standard error with status 1 (bad data) or 2 (bad usage)."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            lines = refusal_lines(error)
            if lines is None:
                raise
            for line in lines:
                click.echo(line, err=True)
            sys.exit(status_of(error))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pingyi")
def main() -> None:
    """Pingyi 评议: draw the sample, serve the questionnaires, score the townships."""
