"""Bonjour, merci, au revoir: said back without a search; nobody should read « Je ne sais pas » after « merci »."""

from __future__ import annotations

import re

from telegram import Update
from telegram.constants import ChatType

from bot.texts import say
from handlers.render import menu_button, menu_rows
from handlers.sending import answer
from knowledge.words import fold

_SAID = {
    "greeting": "bonjour|bonsoir|salut|slt|bjr|bsr|coucou|cc|hello|hi|hey|salam|salam alaykoum|allo|re"
    "|bonjour a tous|bonjour madame|bonjour monsieur|bonjour passerelle",
    "thanks-reply": "merci|merci beaucoup|merci bcp|grand merci|mrc|mrci|mersi|ok merci|merci bien|merci a vous|super"
    "|super merci|parfait|parfait merci|genial|top|ok|okay|dac|d accord|daccord|tres bien|c est bon|c est bon merci"
    "|thanks|thank you|thx|choukran|shukran|gracias|danke|grazie|obrigado|obrigada|tesekkurler|spasibo",
    "goodbye-reply": "au revoir|aurevoir|bonne journee|bonne soiree|bonne nuit|a bientot|a plus|bye|ciao"
    "|merci au revoir|merci bonne journee|merci bonne soiree",
    "ask-away": "oui|non|si|ouais|nan|peut etre|j ai une question|une question|je peux poser une question",
}
_REPLY = {words: key for key, said in _SAID.items() for words in said.split("|")}
_THANKS_SIGNS = frozenset("👍🙏❤😊🙂👌👏💙😘🥰")


def courtesy(text: str) -> str | None:
    """The sentence that answers a politeness, a yes or signs without words; None for anything to search for."""
    folded = re.sub(r"[\W_]+", " ", fold(text)).strip()
    if not folded:
        return "thanks-reply" if _THANKS_SIGNS.intersection(text) else "ask-away"
    return _REPLY.get(folded)


async def polite(update: Update, key: str) -> None:
    """Say it back; the five choices only to who arrives, and never to a group."""
    private = update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
    rows = menu_rows() if key == "greeting" else [menu_button()]
    await answer(update, say(key), rows if private else ())
