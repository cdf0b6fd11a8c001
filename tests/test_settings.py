"""Every setting is read, checked, told in French when wrong, and documented in .env.example."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import KNOWLEDGE, PREFIX, Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[1]
SECRET = "4242:vraiment-secret"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, no .env file."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def refusal(**given: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    return str(caught.value)


def test_without_any_setting_the_sandbox_starts_on_the_invented_territory() -> None:
    settings = load_settings()
    assert settings.is_sandbox
    assert settings.territory_folder == KNOWLEDGE / "exemple"
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)
    assert settings.database == Path("var/passerelle.db")


def test_a_token_means_telegram_and_the_real_territory() -> None:
    settings = load_settings(token=SECRET)
    assert not settings.is_sandbox
    assert settings.territory_folder == KNOWLEDGE / "metz"
    assert settings.api_url == "https://api.telegram.org"


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("token", " 4242:vraiment-secret ", SecretStr(SECRET)),
        ("api_url", "http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("data", "ailleurs", Path("ailleurs")),
        ("http", "[::1]:0", "[::1]:0"),
        ("public_url", "https://exemple.org/x/", "https://exemple.org/x"),
        ("territory", str(KNOWLEDGE / "metz"), KNOWLEDGE / "metz"),
        ("admins", " 12, 34 ,", (12, 34)),
        ("webhook_url", "https://exemple.org/telegram", "https://exemple.org/telegram"),
        ("smtp_url", "smtp://a:b@c:25", SecretStr("smtp://a:b@c:25")),
        ("imap_url", "imaps://a:b@c:993", SecretStr("imaps://a:b@c:993")),
    ],
)
def test_each_setting_is_read_from_the_environment(
    name: str, typed: str, read: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), typed)
    assert getattr(load_settings(), name) == read


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_a_blank_setting_is_the_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), "  ")
    assert getattr(load_settings(), name) == Settings.model_fields[name].default


@pytest.mark.parametrize(
    ("name", "typed", "hint"),
    [
        ("token", "sans-deux-points", "@BotFather"),
        ("token", "abc:def", "@BotFather"),
        ("token", "12:", "@BotFather"),
        ("api_url", "api.telegram.org", "adresse complète"),
        ("api_url", "ftp://exemple.org", "adresse complète"),
        ("public_url", "https://", "adresse complète"),
        ("webhook_url", "http://[", "adresse complète"),
        ("http", "8080", "hôte:port"),
        ("http", ":8080", "hôte:port"),
        ("http", "127.0.0.1:65536", "hôte:port"),
        ("http", "127.0.0.1:²", "hôte:port"),
        ("http", "127.0.0.1:" + "9" * 5000, "hôte:port"),
        ("admins", "12,moi", "virgules"),
        ("territory", "nulle-part", "territory.yaml"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(
    name: str, typed: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), typed)
    said = refusal()
    assert said.startswith(f"Réglage {PREFIX}{name.upper()} : ")
    assert hint in said
    assert len(said.splitlines()) == 1


def test_every_wrong_setting_is_told_at_once() -> None:
    said = refusal(http="x", api_url="y").splitlines()
    assert {line.split()[1] for line in said} == {"PASSERELLE_HTTP", "PASSERELLE_API_URL"}


def test_secrets_show_neither_in_a_refusal_nor_in_repr() -> None:
    assert "tres-secret" not in refusal(token="pas-un-nombre:tres-secret")
    settings = load_settings(token=SECRET, smtp_url="smtp://moi:mot-de-passe@exemple.org")
    assert "vraiment-secret" not in repr(settings)
    assert "mot-de-passe" not in f"{settings!r} {settings}"


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PASSERELLE_DATA=du-fichier\nPASSERELLE_HTTP=127.0.0.1:1\nAUTRE=x\n", encoding="utf-8")
    monkeypatch.setenv("PASSERELLE_DATA", "de-la-machine")
    settings = load_settings()
    assert settings.data == Path("de-la-machine")
    assert settings.http_port == 1


def test_an_env_file_in_another_encoding_is_refused_with_the_cure() -> None:
    Path(".env").write_bytes("# réglages\nPASSERELLE_DATA=données\n".encode("latin-1"))
    said = refusal()
    assert ".env" in said
    assert "UTF-8" in said


def documented() -> dict[str, tuple[str, str]]:
    """By setting, the default said and the example of .env.example."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    found = re.findall(r"^# (?P<what>.+)\n# Défaut : (.+)\n#(PASSERELLE_\w+)=(.+)$", text, flags=re.MULTILINE)
    return {name: (default, example) for _, default, name, example in found}


def test_the_example_file_documents_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    wanted = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(documented()) == wanted
    assert set(re.findall(r"PASSERELLE_\w+", text)) == wanted


def test_the_example_file_says_the_defaults_in_force() -> None:
    for name, field in Settings.model_fields.items():
        default = documented()[PREFIX + name.upper()][0]
        if field.default in (None, ()):
            assert default.startswith("vide"), name
        else:
            assert default == str(field.default), name


def test_every_example_of_the_example_file_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name, (_, example) in documented().items():
        monkeypatch.setenv(name, example)
    settings = load_settings()
    assert all(getattr(settings, name) != field.default for name, field in Settings.model_fields.items())
