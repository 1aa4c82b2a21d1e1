"""Every setting, typed and documented once. Names in the environment are RISKAPP_ + upper case.

A secret (`SECRETS`) may come from a file instead: RISKAPP_SECRET_KEY_FILE. A file that cannot be
read stops the start.
"""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator

from riskapp.core.sentences import Sentence

MEBIBYTE = 1024 * 1024
SECRETS = ("secret_key", "smtp_password", "database_url", "blob_secret", "tsa_url")


class SettingsRefused(SystemExit):
    """A setting that cannot be used: the start stops and says which, and what would be right."""


class Settings(BaseModel):
    """Settings of one installation; every field has a default that suits a single machine."""

    instance: Path = Field(
        Path("instance"),
        description="Folder for the embedded database, the evidence, the keyring and the secret.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="`postgresql+psycopg://user:password@host/name`. Without it: SQLite in the "
        "instance folder.",
    )
    keyring: Path | None = Field(
        None, description="The keyring file. Without it: `keyring.json` in the instance folder."
    )
    signing_key: Path | None = Field(
        None,
        description="The key that signs checkpoints of the trail, packs, lists for auditors and "
        "erasure certificates: Ed25519 in OpenSSH's format, see [keys.md](keys.md). Without it: "
        "`signing_key` in the instance folder, made at first start.",
    )
    tsa_url: SecretStr | None = Field(
        None,
        description="A time-stamping authority (RFC 3161), as `https://tsa.example.org/tsr`, with "
        "`name:password@` before the host where it wants them: checkpoints and packs get its time "
        "stamps. Without it they have none.",
    )
    blob_url: str | None = Field(
        None,
        description="`s3://bucket/prefix`: where sealed evidence lies. Without it: the folder "
        "`evidence` in the instance folder.",
    )
    blob_endpoint: str | None = Field(
        None, description="Address of the S3 server. Without it: that of AWS."
    )
    blob_region: str = Field("us-east-1", description="Region of the S3 bucket.")
    blob_key: str | None = Field(
        None,
        description="Access key for the S3 server. Without it: as AWS clients find theirs.",
    )
    blob_secret: SecretStr | None = Field(None, description="The secret of that access key.")
    clamd: str | None = Field(
        None,
        description="ClamAV's daemon, as `/run/clamav/clamd.ctl` or `127.0.0.1:3310`: evidence "
        "stays in quarantine until it says clean. Without it nothing is scanned.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Signs cookies. Without it: made at first start, kept in the instance folder.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="The address under which people reach riskapp; links are built from it, and "
        "https makes cookies secure.",
    )
    organisation: str = Field(
        "Your organisation", description="Who asks: shown to vendors on every page."
    )
    contact: str = Field(
        Sentence("the person who sent you this link"),
        description="Whom a vendor asks when a link does not work or a question is unclear.",
    )
    privacy_notice: str = Field(
        Sentence(
            "Your answers and files are used to assess the service you provide to us, and for "
            "nothing else. They are seen by our security officers and by auditors whom we grant "
            "access. Files are stored encrypted."
        ),
        description="What happens with the data: shown to vendors before they start.",
    )
    questionnaires: Path = Field(
        Path(__file__).parent.parent / "questionnaires",
        description="Folder with the questionnaires' releases.",
    )
    upload_limit: int = Field(
        512 * MEBIBYTE, gt=0, description="The largest evidence file that is taken, in bytes."
    )
    vendor_quota: int = Field(
        20 * 1024 * MEBIBYTE, gt=0, description="All evidence of one vendor together, in bytes."
    )
    smtp_host: str | None = Field(
        None, description="Mail server. Without it no mail is sent; links are shown to hand over."
    )
    smtp_port: int = Field(587, gt=0, lt=65536, description="The mail server's port.")
    smtp_user: str | None = Field(None, description="Name to sign in to the mail server.")
    smtp_password: SecretStr | None = Field(None, description="Password for the mail server.")
    smtp_starttls: bool = Field(
        True, description="Ask the mail server for TLS; mail is not sent where it has none."
    )
    smtp_from: str = Field(
        "riskapp@localhost", description="The sender's address of mail to vendors."
    )
    redis_url: str | None = Field(
        None,
        description="`redis://host:6379/0`: counts for rate limits, needed as soon as more than "
        "one process serves.",
    )
    processes: int = Field(
        1, gt=0, description="How many processes serve this installation, all machines together."
    )
    proxies: int = Field(
        0, ge=0, description="How many trusted proxies stand before riskapp (X-Forwarded-*)."
    )
    idle_minutes: int = Field(
        60, gt=0, description="A signed-in session ends after so many minutes without use."
    )
    session_hours: int = Field(
        12, gt=0, description="A signed-in session ends after so many hours in any case."
    )
    sign_in_limit: str = Field(
        "10 per minute; 60 per hour",
        description="Sign-in attempts taken from one address, and for one account.",
    )
    link_limit: str = Field("60 per minute", description="Link openings taken from one address.")

    @field_validator("sign_in_limit", "link_limit")
    @classmethod
    def _limit_can_be_counted(cls, written: str) -> str:
        from limits import parse_many  # noqa: PLC0415 - a start with the defaults does without

        try:
            parse_many(written)
        except ValueError:
            raise ValueError("write it like “10 per minute; 60 per hour”") from None
        return written

    @field_validator("blob_url")
    @classmethod
    def _blob_url_names_a_bucket(cls, written: str | None) -> str | None:
        place = urlsplit(written or "")
        if written is not None and not (
            place.scheme == "s3"
            and re.fullmatch(r"[a-z0-9][a-z0-9.-]+", place.netloc)
            and re.fullmatch(r"(/\w[\w.-]*)*/?", place.path, re.ASCII)
            and not (place.query or place.fragment)
        ):
            raise ValueError("write it like s3://bucket or s3://bucket/prefix")
        return written

    @field_validator("blob_endpoint")
    @classmethod
    def _blob_endpoint_is_an_address(cls, written: str | None) -> str | None:
        place = urlsplit(written or "")
        if written is not None and not (place.scheme in {"http", "https"} and place.hostname):
            raise ValueError("write it like https://s3.example.org")
        return written

    @model_validator(mode="after")
    def _a_blob_key_needs_its_secret(self) -> Self:
        if (self.blob_key is None) != (self.blob_secret is None):
            raise ValueError("RISKAPP_BLOB_KEY and RISKAPP_BLOB_SECRET need each other")
        return self

    @model_validator(mode="after")
    def _several_processes_need_redis(self) -> Self:
        if self.processes > 1 and self.redis_url is None:
            raise ValueError(
                "RISKAPP_PROCESSES is above 1, so that rate limits must be counted together: "
                "set RISKAPP_REDIS_URL"
            )
        if urlsplit(self.base_url).scheme not in {"http", "https"}:
            raise ValueError("RISKAPP_BASE_URL must begin with https:// or http://")
        return self

    @classmethod
    def from_environment(cls) -> Self:
        """Reads RISKAPP_*, and RISKAPP_*_FILE for secrets. Raises SettingsRefused."""
        found = {
            name: os.environ[variable]
            for name in cls.model_fields
            if (variable := f"RISKAPP_{name.upper()}") in os.environ
        }
        for name in SECRETS:
            path = os.environ.get(f"RISKAPP_{name.upper()}_FILE")
            if path is not None:
                try:
                    found[name] = Path(path).read_text(encoding="utf-8").strip()
                except (OSError, UnicodeDecodeError) as error:
                    raise SettingsRefused(
                        f"RISKAPP_{name.upper()}_FILE names {path}, which cannot be read: {error}"
                    ) from error
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            lines = [
                f"RISKAPP_{'_'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
                for fault in error.errors()
            ]
            raise SettingsRefused("Settings cannot be used.\n" + "\n".join(lines)) from error

    @property
    def sqlalchemy_url(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.instance / 'riskapp.sqlite').resolve()}"

    @property
    def keyring_path(self) -> Path:
        return self.keyring or self.instance / "keyring.json"

    @property
    def signing_key_path(self) -> Path:
        return self.signing_key or self.instance / "signing_key"

    @property
    def secure(self) -> bool:
        """Whether people reach riskapp by https, so that cookies can say so."""
        return self.base_url.startswith("https://")

    def prepare_instance(self) -> None:
        """Makes the instance folder, readable by nobody else."""
        self.instance.mkdir(mode=0o700, parents=True, exist_ok=True)

    def cookie_key(self) -> str:
        """The secret that signs cookies; made once, and shared by processes that start at once."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        path = self.instance / "secret_key"
        if not path.exists():
            # Linked when it is whole: a process that starts meanwhile never reads half of it.
            made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):  # another process was first: its key serves both
                os.link(made, path)
            made.unlink()
        return path.read_text(encoding="utf-8")
