"""
The shell around the pure packages: web pages, database, command line.

`create_app` builds the web app; importing this module opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from survey_app.config import Config
    from survey_app.shell import Shell


def create_app(config: Config | None = None, shell: Shell | None = None) -> Flask:
    """
    Build the web app.

    Parameters
    ----------
    config : Config, optional
        The settings; read from the environment where not given.
    shell : Shell, optional
        An open shell; one is opened from the settings where not given.
    """
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from survey_app import access, addresses, error_pages, languages, quiet_logs, security, static_files
    from survey_app.account.views import blueprint as account
    from survey_app.config import load_config, secret
    from survey_app.investigator.api import blueprint as phone
    from survey_app.investigator.views import blueprint as investigator
    from survey_app.office import blueprint as office
    from survey_app.opening import open_shell
    from survey_app.public.views import blueprint as public
    from survey_app.respondent import StraightAway
    from survey_app.respondent import blueprint as respondent

    class App(Flask):
        """Flask, without asking of every function at every request whether it is a coroutine: none is."""

        def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
            return func

    if shell is None:
        shell = open_shell(config or load_config())
    app = App(__name__)
    app.config.update(
        TESTING=shell.config.testing,
        SECRET_KEY=secret(shell.config, "session"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=shell.config.base_url.startswith("https:"),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        # Our own Referrer-Policy lets browsers send no Referer, which the strict check over HTTPS would ask for; the token stands.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["pingyi"] = shell
    app.url_map.merge_slashes = False  # else an address with one slash too many is sent on in a header, with its token
    app.url_map.converters["int"] = addresses.RowNumber
    for part in (static_files, security, languages, access, error_pages):
        part.init_app(app)
    for blueprint in (account, office, investigator, phone, respondent, public):
        app.register_blueprint(blueprint)
    security.csrf.exempt(respondent)
    security.csrf.exempt(phone)  # it has a check of its own
    quiet_logs.keep_names_out_of_logs()
    app.wsgi_app = StraightAway(app, shell)  # type: ignore[method-assign]
    if hops := shell.config.trusted_proxies:
        # Only as many of the addresses told are believed as there are proxies of ours; the rest a visitor may have made up.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app
