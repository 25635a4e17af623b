"""`pingyi user`: make an account or a new sign-in link."""

from __future__ import annotations

import click

from survey_app.cli.speaking import UsageRefused, by_and_reason, named, say, stated


@click.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    help="office, investigator, supervisor, appraisal or observer; only office and supervisor may be held together (repeat the option).",
)
@click.option("--county", help="The county's six-digit code; may be left out where there is one county.")
@click.option("--display-name", default="", help="The name that pages and the record show.")
@click.option(
    "--password", is_flag=True, help="Ask for a password; without one the account is entered by a single-use link."
)
@by_and_reason
def user(
    name: str, roles: tuple[str, ...], county: str | None, display_name: str, password: bool, by: str, reason: str
) -> None:
    """Make the account NAME and print a single-use sign-in link."""
    from sqlalchemy import select

    from survey_app.config import DEFAULT_BASE_URL, load_config
    from survey_app.models import County
    from survey_app.models.people import ROLES
    from survey_app.opening import open_shell
    from survey_app.services import people
    from survey_app.services.record import append_entry

    if unknown := [role for role in roles if role not in ROLES]:
        raise UsageRefused(
            en=f"there is no role {unknown[0]!r} for --role; the roles are {', '.join(ROLES)}",
            zh=f"--role 没有“{unknown[0]}”这一角色；可用角色：{'、'.join(ROLES)}",
        )
    people.check_roles(roles)
    shell = open_shell(load_config())
    typed = click.prompt(say("Password", "密码"), hide_input=True, confirmation_prompt=True) if password else None
    with shell.database.transaction() as session:
        counties = [
            found
            for found in session.scalars(select(County).order_by(County.code))
            if county is None or found.code == county
        ]
        if len(counties) != 1:
            raise UsageRefused(
                en="name one county with --county CODE; make the demo county with `pingyi demo`",
                zh="请用 --county 指明一个县区；可用 `pingyi demo` 建立演示县",
            )
        person = people.create_person(
            session,
            county_id=counties[0].id,
            name=name,
            display_name=display_name,
            roles=roles,
            password=typed,
        )
        token = people.make_sign_in_link(session, person)
        append_entry(
            session,
            county_id=counties[0].id,
            person=named(by),
            action="person_created",
            details={"name": name, "roles": sorted(set(roles))},
            reason=stated(reason),
        )
    click.echo(f"{shell.config.base_url}/account/link/{token}")
    if shell.config.base_url == DEFAULT_BASE_URL:
        note = say(
            f"The link is for a server at {DEFAULT_BASE_URL}; where yours is elsewhere, set PINGYI_BASE_URL, or put its address before /account/…",
            f"以上链接按 {DEFAULT_BASE_URL} 给出；服务器在别处时，请用 PINGYI_BASE_URL 指明其网址，或自行替换 /account/… 之前的部分",
        )
        click.echo(note, err=True)
