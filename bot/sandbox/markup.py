"""Keyboards under messages: what Telegram accepts, and the words of its refusals."""

import json
from typing import Any

from bot.sandbox.entities import valid_url
from bot.sandbox.refusals import Refused

Json = dict[str, Any]
MOST_BUTTONS = 100
ACTIONS = (
    "callback_data",
    "url",
    "login_url",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def parse_markup(raw: Any) -> tuple[Json | None, Json | None]:
    """The inline keyboard and the reply keyboard (or its removal) of a message, checked; at most one of them."""
    if raw is None or raw == "":
        return None, None
    markup = _structure(raw)
    if "inline_keyboard" in markup:
        return inline_keyboard(markup), None
    if "keyboard" in markup:
        return None, _reply_keyboard(markup)
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return None, markup
    return None, None


def _structure(raw: Any) -> Json:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError as error:
            raise Refused(400, "Bad Request: can't parse reply keyboard markup JSON object") from error
    if not isinstance(raw, dict):
        raise Refused(400, "Bad Request: object expected as reply markup")
    return raw


def _rows(rows: Any, field: str, what: str) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise Refused(400, f'Bad Request: field "{field}" of the ReplyMarkup must be an Array')
    for row in rows:
        if not isinstance(row, list):
            raise Refused(400, f'Bad Request: field "{field}" of the {what} should be an Array of Arrays')
    return [row for row in rows if row]


def inline_keyboard(markup: Json) -> Json | None:
    """The inline keyboard as the server keeps it; None when it has no button."""
    rows = _rows(markup["inline_keyboard"], "inline_keyboard", "InlineKeyboardMarkup")
    checked = [[_inline_button(button) for button in row] for row in rows]
    if sum(map(len, checked)) > MOST_BUTTONS:
        raise Refused(400, "Bad Request: REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": checked} if checked else None


def _inline_button(button: Any) -> Json:
    parsing = "Bad Request: can't parse inline keyboard button:"
    if not isinstance(button, dict):
        raise Refused(400, f"{parsing} InlineKeyboardButton must be an Object")
    text = button.get("text")
    if text is None:
        raise Refused(400, f'{parsing} Can\'t find field "text"')
    if not isinstance(text, str):
        raise Refused(400, f'{parsing} Field "text" must be of type String')
    if not text.strip():
        raise Refused(400, "Bad Request: inline keyboard button text must be non-empty")
    action = next((name for name in ACTIONS if button.get(name) not in (None, "", False)), None)
    empty_switch = next((name for name in ACTIONS if name.startswith("switch") and button.get(name) == ""), None)
    if action is None and empty_switch is None:
        raise Refused(400, f"{parsing} Text buttons are unallowed in the inline keyboard")
    _check_action(button)
    return {name: value for name, value in button.items() if value is not None}


def _check_action(button: Json) -> None:
    data = button.get("callback_data")
    if data is not None and (not isinstance(data, str) or len(data.encode("utf-8", "surrogatepass")) > 64):
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and (not isinstance(url, str) or valid_url(url) is None):
        raise Refused(400, f"Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _reply_keyboard(markup: Json) -> Json:
    rows = _rows(markup["keyboard"], "keyboard", "ReplyKeyboardMarkup")
    checked = [[_key(button) for button in row] for row in rows]
    if sum(map(len, checked)) > 300:
        raise Refused(400, "Bad Request: REPLY_MARKUP_TOO_LONG")
    return {**markup, "keyboard": checked}


def _key(button: Any) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise Refused(400, "Bad Request: can't parse keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise Refused(400, "Bad Request: keyboard button text must be non-empty")
    return button


def buttons_of(message: Json) -> list[Json]:
    """Every inline button of a message, flat."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]
