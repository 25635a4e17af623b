"""The people of the county: invite, send a new link, close an account, enrol and revoke phones."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey_app.access import for_roles, get_shell, me
from survey_app.account.views import role_label
from survey_app.errors import NotFound
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models.people import LINK_ENROL, LINK_INVITE, ROLE_INVESTIGATOR, ROLE_OFFICE, ROLES
from survey_app.office import blueprint
from survey_app.office.forms import refusals_on
from survey_app.office.people_forms import CloseAccountForm, InviteForm, LinkForm, RevokeForm
from survey_app.office.phones_seen import phone_rows
from survey_app.printing.qr import qr_svg
from survey_app.services import accounts, phones_online
from survey_app.services.accounts import KnownDevice, KnownPerson
from survey_app.services.people import LINK_LIVES


@blueprint.get("/people")
@for_roles(ROLE_OFFICE)
def people() -> ResponseReturnValue:
    """List the county's people."""
    with get_shell().database.reading() as session:
        known = [person_view(person) for person in accounts.list_people(session, me().county_id)]
    return render_template(
        "office/people/list.html",
        people=[person for person in known if person["active"]],
        closed=[person for person in known if not person["active"]],
        invite_href=url_for("office.invite"),
    )


@blueprint.route("/people/new", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def invite() -> ResponseReturnValue:
    """Invite a person."""
    form = InviteForm()
    form.roles.choices = [(role, role_label(role)) for role in ROLES]
    if form.validate_on_submit():
        with refusals_on(form.roles, page_language()):
            person_id, token = accounts.invite(
                get_shell(), me().actor, display_name=form.display_name.data, roles=form.roles.data
            )
            return link_page(person_id, token, LINK_INVITE)
    return render_template("office/people/invite.html", form=form, back_href=url_for("office.people"))


@blueprint.get("/people/<int:person_id>")
@for_roles(ROLE_OFFICE)
def person(person_id: int) -> ResponseReturnValue:
    """Show a person with what can be done."""
    with get_shell().database.reading() as session:
        known = accounts.find_known(session, me().county_id, person_id)
    return render_template(
        "office/people/person.html",
        known=person_view(known),
        devices=[device_view(device) for device in known.devices],
        form=LinkForm(),
        link_url=url_for("office.new_link", person_id=person_id),
        enrol_url=url_for("office.enrol", person_id=person_id) if ROLE_INVESTIGATOR in known.roles else None,
        close_href=url_for("office.close_account", person_id=person_id) if person_id != me().id else None,
        back_href=url_for("office.people"),
    )


@blueprint.post("/people/<int:person_id>/link")
@for_roles(ROLE_OFFICE)
def new_link(person_id: int) -> ResponseReturnValue:
    """Make a new invitation for one who lost the link or forgot the password."""
    return link_page(person_id, accounts.send_new_link(get_shell(), me().actor, person_id), LINK_INVITE)


@blueprint.post("/people/<int:person_id>/phone")
@for_roles(ROLE_OFFICE)
def enrol(person_id: int) -> ResponseReturnValue:
    """Show the QR code that enrols an investigator's phone, once."""
    return link_page(person_id, accounts.enrol_link(get_shell(), me().actor, person_id), LINK_ENROL)


@blueprint.route("/people/<int:person_id>/close", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def close_account(person_id: int) -> ResponseReturnValue:
    """Ask why an account is closed, and close it."""
    form = CloseAccountForm()
    with get_shell().database.reading() as session:
        known = accounts.find_known(session, me().county_id, person_id)
        phones = phone_rows(phones_online.phones_of_person(session, person_id))
    if form.validate_on_submit():
        with refusals_on(form.reason, page_language()):
            accounts.close_account(get_shell(), me().actor, person_id, by_id=me().id, reason=form.reason.data)
            return redirect(url_for("office.people"))
    return render_template(
        "office/people/close.html",
        form=form,
        known=person_view(known),
        heading=_("停用账号"),
        warning=_("停用后，此人的登录立即结束，手机一并注销，链接失效；做过的事仍留其名。"),
        phones=phones,
        first=_("请先让此人在有信号的地方打开手机上的应用，点“立即发送”，看到“全部已发送”，再停用账号。"),
        back_href=url_for("office.person", person_id=person_id),
    )


@blueprint.route("/people/<int:person_id>/phones/<int:device_id>/revoke", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def revoke_device(person_id: int, device_id: int) -> ResponseReturnValue:
    """Ask why a phone is revoked, and revoke it."""
    form = RevokeForm()
    with get_shell().database.reading() as session:
        known = accounts.find_known(session, me().county_id, person_id)
        phones = phone_rows(phones_online.phones_of_person(session, person_id))
    if device_id not in {device.id for device in known.devices}:
        raise NotFound
    if form.validate_on_submit():
        with refusals_on(form.reason, page_language()):
            owner = accounts.revoke_device(get_shell(), me().actor, device_id, reason=form.reason.data)
            return redirect(url_for("office.person", person_id=owner))
    return render_template(
        "office/people/close.html",
        form=form,
        known=person_view(known),
        heading=_("注销 %(n)s 号手机", n=device_id),
        warning=_("注销后，这部手机不能再打开名单，下次联网时清除机内所存的一切。"),
        phones=phones,
        first=_(
            "请先让此人在有信号的地方打开手机上的应用，点“立即发送”，看到“全部已发送”，再注销手机。手机已经遗失的，不要等，立即注销。"
        ),
        back_href=url_for("office.person", person_id=person_id),
    )


def link_page(person_id: int, token: str, purpose: str) -> ResponseReturnValue:
    """Show a link that works once, this time only."""
    shell = get_shell()
    with shell.database.reading() as session:
        known = accounts.find_known(session, me().county_id, person_id)
    path = f"/field/enrol/{token}" if purpose == LINK_ENROL else f"/account/invite/{token}"
    link = shell.config.base_url + path
    hours = int(LINK_LIVES[purpose].total_seconds() // 3600)
    return render_template(
        "office/people/link.html",
        known=person_view(known),
        link=link,
        qr_svg=Markup(qr_svg(link)),
        enrols=purpose == LINK_ENROL,
        hours=hours,
        days=hours // 24,
        back_href=url_for("office.person", person_id=person_id),
    )


def person_view(known: KnownPerson) -> dict[str, Any]:
    """Return a person as the pages show them."""
    phones = [device for device in known.devices if device.revoked_at is None]
    return {
        "name": "–" if known.pending else known.name,
        "display_name": known.display_name,
        "roles": "、".join(role_label(role) for role in known.roles)
        if page_language() == "zh"
        else ", ".join(role_label(role) for role in known.roles),
        "active": known.active,
        "pending": known.pending,
        "state": _("已停用") if not known.active else _("尚未接受邀请") if known.pending else _("使用中"),
        "phones": len(phones),
        "href": url_for("office.person", person_id=known.id),
        "id": known.id,
    }


def device_view(device: KnownDevice) -> dict[str, Any]:
    """Return a phone as the pages show it."""
    return {
        "id": device.id,
        "enrolled_at": device.enrolled_at,
        "seen_at": device.seen_at,
        "state": _("已注销")
        if device.revoked_at
        else _("PIN 输错次数过多，已锁定")
        if device.wrong_pins >= 5
        else _("使用中"),
        "revoked": device.revoked_at is not None,
    }
