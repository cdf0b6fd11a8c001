"""Every setting of the service: typed, with its default and its environment variable.

Values come from the environment, else from a `.env` file in the working folder, else from the default here.
`.env.example` documents them for operators; a test keeps the two in step.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

import knowledge

PREFIX = "PASSERELLE_"
KNOWLEDGE = Path(knowledge.__file__).parent
TELEGRAM_API = "https://api.telegram.org"


class SettingsError(Exception):
    """A setting cannot be used; the text says which, why and what to do, in French, without its value if secret."""


class Settings(BaseSettings):
    """What an operator may set. Secrets never show in `repr` or in logs."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    token: SecretStr | None = Field(None, description="Jeton donné par @BotFather. Sans lui : le bac à sable.")
    api_url: str = Field(TELEGRAM_API, description="Racine de l'API de Telegram, avant /bot<jeton>.")
    data: Path = Field(Path("var"), description="Dossier des données : base, photos, sauvegardes.")
    http: str = Field("127.0.0.1:8080", description="Adresse et port d'écoute (0 : un port libre).")
    public_url: str | None = Field(None, description="Début des liens que les gens reçoivent.")
    territory: Path | None = Field(None, description="Dossier du territoire.")
    admins: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="Identifiants Telegram des responsables, séparés par des virgules."
    )
    webhook_url: str | None = Field(None, description="Adresse publique https du webhook. Vide : interrogation longue.")
    smtp_url: SecretStr | None = Field(None, description="smtp://utilisateur:motdepasse@hote:port")
    imap_url: SecretStr | None = Field(None, description="imaps://utilisateur:motdepasse@hote:port")

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_default(cls, value: Any, info: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            return cls.model_fields[info.field_name].default
        return value.strip() if isinstance(value, str) else value

    @field_validator("admins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        number, _, secret = value.get_secret_value().partition(":") if value else ("1", ":", "x")
        if not (number.isdigit() and secret):
            raise ValueError("un jeton a la forme 123456:ABC-def ; recopiez celui de @BotFather")
        return value

    @field_validator("api_url", "public_url", "webhook_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not _is_web_address(value):
            raise ValueError("écrivez une adresse complète, par exemple https://exemple.org")
        return value.rstrip("/")

    @field_validator("http")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
            raise ValueError("écrivez hôte:port, par exemple 127.0.0.1:8080")
        return value

    @model_validator(mode="after")
    def _territory_exists(self) -> Settings:
        if not (self.territory_folder / "territory.yaml").is_file():
            raise ValueError(
                f"le territoire {self.territory_folder} n'a pas de fichier territory.yaml ; "
                "indiquez un dossier comme knowledge/metz"
            )
        return self

    @property
    def is_sandbox(self) -> bool:
        """True when no token is set: the embedded Bot API serves."""
        return self.token is None

    @property
    def territory_folder(self) -> Path:
        """The territory: the one set, else Metz, else (sandbox) the invented example."""
        return self.territory or KNOWLEDGE / ("exemple" if self.is_sandbox else "metz")

    @property
    def http_host(self) -> str:
        """The address the small HTTP side listens on."""
        return self.http.rpartition(":")[0].strip("[]")

    @property
    def http_port(self) -> int:
        """Its port; 0 means any free one."""
        return int(self.http.rpartition(":")[2])

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "passerelle.db"


def load_settings(**given: Any) -> Settings:
    """The settings in force; values given here win.

    Raises SettingsError with one line per setting to mend.
    """
    try:
        return Settings(**given)
    except UnicodeDecodeError:
        raise SettingsError("Le fichier .env n'est pas en UTF-8 : enregistrez-le en UTF-8.") from None
    except ValidationError as error:
        raise SettingsError("\n".join(_line(e) for e in error.errors(include_url=False, include_input=False))) from None


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _line(error: Any) -> str:
    name = PREFIX + str(error["loc"][0]).upper() if error["loc"] else PREFIX + "TERRITORY"
    reason = str(error.get("ctx", {}).get("error") or "la valeur n'a pas la bonne forme")
    if error["type"].startswith("int"):
        reason = "écrivez des nombres séparés par des virgules"
    return f"Réglage {name} : {reason}."
