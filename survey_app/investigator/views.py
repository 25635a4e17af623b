"""
The investigator's app as files: the page that starts it, its worker, its manifest, and the page that a new phone opens.

The page holds no data, so that it can be kept on the phone; the app asks for them over `investigator.api`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_everyone, get_shell
from survey_app.services import phones

blueprint = Blueprint("investigator", __name__, url_prefix="/field")
STATIC_PARTS = ("field", "vendor/hpke-core.js", "field.css", "pingyi.css", "mark.svg", "favicon.svg")
"""What of the static files the app is made of."""


@blueprint.get("/")
@for_everyone
def home() -> ResponseReturnValue:
    """Start the app; WeChat's browser, which keeps nothing, is asked for the system's instead."""
    if in_wechat():
        return render_template("investigator/wechat.html")
    return render_template("investigator/app.html", person_name="")


@blueprint.get("/enrol/<token>")
@for_everyone
def enrol(token: str) -> ResponseReturnValue:
    """Start the app where a new phone chooses its PIN; the code is used up only when that is done."""
    with get_shell().database.reading() as session:
        person = phones.person_to_enrol(session, token)
        shown = {"person_name": person.display_name, "person_id": person.id}
    if in_wechat():
        return render_template("investigator/wechat.html")
    return render_template("investigator/app.html", **shown)


@blueprint.get("/manifest.webmanifest")
@for_everyone
def manifest() -> ResponseReturnValue:
    """Say how the app stands on a phone's home screen."""
    icons = [
        {"src": static("mark.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": static("field/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("field/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": static("field/icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    facts = {
        "id": url_for("investigator.home"),
        "name": "评议调查员",
        "short_name": "评议",
        "lang": "zh-Hans",
        "start_url": url_for("investigator.home"),
        "scope": url_for("investigator.home"),
        "display": "standalone",
        "background_color": "#fbf9f4",
        "theme_color": "#b8392b",
        "icons": icons,
    }
    return Response(json.dumps(facts, ensure_ascii=False), mimetype="application/manifest+json")


@blueprint.get("/sw.js")
@for_everyone
def worker() -> ResponseReturnValue:
    """Give the service worker, headed by the list of the app's files and a version that changes with any of them."""
    paths = app_files()
    page = render_template("investigator/app.html", person_name="")
    digest = hashlib.sha256(page.encode())
    for path in paths:
        digest.update(path.read_bytes())
    folder = static_folder()
    files = [url_for("investigator.home"), url_for("investigator.manifest")]
    files += [static(path.relative_to(folder).as_posix()) for path in paths]
    head = f"const VERSION = {json.dumps(digest.hexdigest()[:16])};\nconst FILES = {json.dumps(files)};\n"
    body = (static_folder() / "field-worker.js").read_text(encoding="utf-8")
    return Response(head + body, mimetype="text/javascript")


def app_files() -> list[Path]:
    """Return the static files that the app is made of."""
    folder = static_folder()
    found = []
    for part in STATIC_PARTS:
        path = folder / part
        found += sorted(path.iterdir()) if path.is_dir() else [path]
    return found


def static_folder() -> Path:
    """Return where the static files lie."""
    return Path(str(current_app.static_folder))


def static(name: str) -> str:
    """Return the address of a static file."""
    return url_for("static", filename=name)


def in_wechat() -> bool:
    """Tell whether WeChat's own browser asks."""
    return "MicroMessenger" in request.user_agent.string
