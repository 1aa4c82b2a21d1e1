"""riskapp asks IT providers, keeps their proof under lock, and scores what they say.

`create_app` is the one place where parts are chosen and joined.
"""

import os
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from click import Command
from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from riskapp import extensions
from riskapp.audit.log import Log
from riskapp.audit.notes import origin_fit
from riskapp.catalogue.library import Library
from riskapp.core.clock import Clock, SystemClock
from riskapp.core.crypto.file_keyring import FileKeyring, KeyringUnreadable
from riskapp.core.crypto.signing import FileSigner, SigningKeyUnreadable
from riskapp.core.db import db, prepare_engine
from riskapp.core.mail import Mailer, SmtpMailer
from riskapp.core.pdf.pages import PdfPages
from riskapp.core.scanning import Scanner
from riskapp.core.stamping import Stamper
from riskapp.core.storage.local import LocalFolder
from riskapp.core.storage.port import BlobStore
from riskapp.logs import fault, log
from riskapp.ports import Ports
from riskapp.settings import Settings, SettingsRefused

ExceptionInfo = tuple[type, BaseException, TracebackType] | tuple[None, None, None]
MIGRATIONS = Path(__file__).parent.parent / "migrations"
COMMANDS = "Runs and inspects a riskapp installation."


class App(Flask):
    """Flask, except that its log holds no path (a link's is a secret) and no message."""

    def log_exception(self, exc_info: ExceptionInfo) -> None:
        error = exc_info[1]
        if error is not None:
            log.error("broken", route=str(request.url_rule), **fault(error))


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    mailer: Mailer | None = None,
    library: Library | None = None,
    scanner: Scanner | None = None,
) -> Flask:
    """An app over the given settings (default: the environment's).

    Tests hand in a clock, a mailer, a scanner, and a library that was read before. Raises
    SettingsRefused, also for a keyring or a signing key that cannot be used.
    """
    settings = settings or Settings.from_environment()
    clock = clock or SystemClock()
    os.umask(0o077)  # what we write is nobody else's
    settings.prepare_instance()
    app = App("riskapp", instance_path=str(settings.instance.resolve()))
    app.config.update(
        SECRET_KEY=settings.cookie_key(),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        # Fewer than the server's threads: those that receive or send a file hold none meanwhile.
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 8, "max_overflow": 24, "pool_timeout": 10},
        SESSION_COOKIE_NAME="riskapp_form",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open for days; the token ends with the session
        WTF_CSRF_SSL_STRICT=False,  # Origin and Sec-Fetch-Site are checked for every request
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
    )
    _join_database(app)
    signer, stamper = _signer(settings), _stamper(settings)
    app.extensions["riskapp"] = Ports(
        settings=settings,
        clock=clock,
        library=library or Library(settings.questionnaires),
        blobs=_blobs(settings, clock),
        keyring=_keyring(settings),
        signer=signer,
        stamper=stamper,
        log=Log(signer, stamper, _origin(settings)),
        scanner=scanner or _scanner(settings),
        mailer=mailer or _mailer(settings),
        pdf=PdfPages(),
    )
    _join_web(app, settings)
    return app


def _join_database(app: Flask) -> None:
    db.init_app(app)
    extensions.join_migrations(app, MIGRATIONS)
    with app.app_context():
        prepare_engine(db.engine)


def _keyring(settings: Settings) -> FileKeyring:
    try:
        return FileKeyring(settings.keyring_path)
    except KeyringUnreadable as error:
        raise SettingsRefused(str(error)) from error


def _signer(settings: Settings) -> FileSigner:
    try:
        return FileSigner(settings.signing_key_path)
    except SigningKeyUnreadable as error:
        raise SettingsRefused(str(error)) from error


def _stamper(settings: Settings) -> Stamper | None:
    if settings.tsa_url is None:
        return None
    from riskapp.core.tsa import TimeStampingAuthority  # noqa: PLC0415 - only where one is set

    try:
        return TimeStampingAuthority(settings.tsa_url.get_secret_value())
    except ValueError as error:
        raise SettingsRefused(f"RISKAPP_TSA_URL: {error}") from error


def _origin(settings: Settings) -> str:
    """What the log is called from its first checkpoint on."""
    parts = urlsplit(settings.base_url)
    origin = f"{parts.netloc}{parts.path.rstrip('/')}/trail"
    if not origin_fit(origin):
        raise SettingsRefused(
            "RISKAPP_BASE_URL: use an address without spaces and plus signs: the log is "
            "named by it."
        )
    return origin


def _blobs(settings: Settings, clock: Clock) -> BlobStore:
    if settings.blob_url is None:
        return LocalFolder(settings.instance / "evidence")
    from riskapp.core.storage import s3  # noqa: PLC0415 - only where it is configured

    secret = settings.blob_secret
    return s3.connect(
        settings.blob_url,
        endpoint=settings.blob_endpoint,
        region=settings.blob_region,
        key=settings.blob_key,
        secret=None if secret is None else secret.get_secret_value(),
        now=clock.now,
    )


def _scanner(settings: Settings) -> Scanner | None:
    if settings.clamd is None:
        return None
    from riskapp.core.clamd import Clamd  # noqa: PLC0415 - only where it is configured

    try:
        return Clamd.at(settings.clamd)
    except ValueError as error:
        raise SettingsRefused(f"RISKAPP_CLAMD: {error}") from error


def _mailer(settings: Settings) -> Mailer | None:
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        starttls=settings.smtp_starttls,
        sender=settings.smtp_from,
    )


def _join_web(app: Flask, settings: Settings) -> None:
    # Imported here, for web imports this package's parts.
    from riskapp.web.routes import register as register_web  # noqa: PLC0415

    if settings.proxies:
        number = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, x_for=number, x_proto=number, x_host=number
        )
    extensions.csrf.init_app(app)
    register_web(app)
    app.cli.add_command(extensions.LateCommand("riskapp", _commands, help=COMMANDS))


def _commands() -> Command:
    from riskapp.cli import riskapp  # noqa: PLC0415 - imported when one is called

    return riskapp
