"""The settings of an installation: environment variables or `.env`, read once at the start."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.locales import LOCALES

_DATABASES = ("sqlite+aiosqlite:///", "postgresql+psycopg://")


class SettingsError(Exception):
    """A wrong value; its text is one line that names the variable and says what to write instead."""


class Settings(BaseSettings):
    """One field per variable, in lower case; `docs/settings.md` and `.env.example` describe them for people."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    bot_token: SecretStr = SecretStr("")
    bot_api_url: str = ""
    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///data/hearthbot.db")
    redis_url: SecretStr = SecretStr("")
    playbooks_dir: Path = Path("playbooks")
    timezone: str = "UTC"
    locale: str = "en"
    owner_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    http_host: str = "127.0.0.1"
    http_port: int = Field(8080, ge=1, le=65535)
    drand_urls: str = "https://api.drand.sh,https://drand.cloudflare.com"
    send_per_second: float = Field(30, gt=0, le=1000)
    send_per_group_second: float = Field(1, gt=0, le=100)
    send_per_group_minute: int = Field(20, ge=1, le=1000)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("bot_token")
    @classmethod
    def _token(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value() and not re.fullmatch(r"\d{1,20}:[\w-]{3,}", token.get_secret_value(), re.ASCII):
            raise ValueError("must look like 123456789:AAE…, as @BotFather gave it (or be empty for the sandbox)")
        return token

    @field_validator("bot_api_url", "webhook_url")
    @classmethod
    def _address(cls, address: str) -> str:
        if address and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", address):
            raise ValueError("must be an address such as https://bot.example.org/hook")
        return address.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(_DATABASES):
            raise ValueError("must start with sqlite+aiosqlite:/// or postgresql+psycopg://")
        if url.get_secret_value().endswith((":///", ":///:memory:")):
            raise ValueError("must name a file: points that live in memory are lost at every stop")
        return url

    @field_validator("timezone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, LookupError):
            raise ValueError(f"{zone!r} is not a time zone; write an IANA name such as Asia/Shanghai") from None
        return zone

    @field_validator("locale")
    @classmethod
    def _locale(cls, locale: str) -> str:
        if locale not in LOCALES:
            raise ValueError(f"must be one of {', '.join(LOCALES)}")
        return locale

    @field_validator("owner_ids", mode="before")
    @classmethod
    def _owners(cls, ids: Any) -> Any:
        if not isinstance(ids, str):
            return ids
        words = _split(ids)
        if not all(re.fullmatch(r"[0-9]{1,19}", word) for word in words):
            raise ValueError("must be user ids, comma-separated, such as 1001,1002")
        return frozenset(map(int, words))

    @field_validator("drand_urls")
    @classmethod
    def _drand(cls, urls: str) -> str:
        if urls != "off" and not all(re.fullmatch(r"https?://[^\s/,]+(/[^\s,]*)?", url) for url in _split(urls)):
            raise ValueError("must be addresses of drand servers, comma-separated, or off")
        return urls

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _any_case(cls, word: Any, info: Any) -> Any:
        if not isinstance(word, str):
            return word
        return word.upper() if info.field_name == "log_level" else word.lower()

    @model_validator(mode="after")
    def _webhook(self) -> Self:
        secret = self.webhook_secret.get_secret_value()
        if self.webhook_url and not re.fullmatch(r"[\w-]{1,256}", secret, re.ASCII):
            # The alphabet is setWebhook's own (Bot API).
            raise ValueError("WEBHOOK_SECRET: must be 1 to 256 of A-Z a-z 0-9 _ - when WEBHOOK_URL is set")
        if self.webhook_url and not self.bot_token.get_secret_value():
            raise ValueError("WEBHOOK_URL: needs BOT_TOKEN; the sandbox is polled")
        return self

    @property
    def serves_http(self) -> bool:
        """Whether `HTTP_PORT` was set explicitly, so that health and metrics are served also while polling."""
        return "http_port" in self.model_fields_set

    @property
    def drand_servers(self) -> Sequence[str]:
        """The addresses of `DRAND_URLS`; none when it says off."""
        return [] if self.drand_urls == "off" else [url.rstrip("/") for url in _split(self.drand_urls)]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must never appear in a log."""
        urls = (self.database_url.get_secret_value(), self.redis_url.get_secret_value())
        passwords = [password[1] for url in urls if (password := re.search(r"://[^:/@]*:([^@]+)@", url))]
        values = (self.bot_token.get_secret_value(), self.webhook_secret.get_secret_value(), *passwords)
        return tuple(value for value in values if value)


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def read_settings() -> Settings:
    """The settings of this process. Raises `SettingsError`."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_first_line(error)) from None


def _first_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    what = first["msg"].removeprefix("Value error, ")
    name = ".".join(str(part) for part in first["loc"]).upper()
    return f"{name}: {what}" if name else what
