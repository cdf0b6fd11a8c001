"""A message in, a checked answer out."""

from __future__ import annotations

import hashlib
import hmac

from telegram import Message, Update
from telegram.constants import ChatType

from bot.clock import PARIS
from bot.questions import ASKER_DAYS
from bot.texts import Html, has, plain, say
from handlers import callbacks as cb
from handlers.callbacks import Pressed
from handlers.context import Context, cause_of
from handlers.courtesy import polite
from handlers.emergencies import show_emergency
from handlers.library import show_fiche, stale
from handlers.markup import messages
from handlers.menu import human, start
from handlers.render import (
    button,
    category_rows,
    doleance_rows,
    doleance_text,
    emergency_list,
    fiche_choices,
    menu_button,
    menu_rows,
    official_links,
    official_texts,
)
from handlers.sending import answer, change
from knowledge.courtesy import courtesy
from knowledge.search import Found
from knowledge.words import words


async def question_command(update: Update, context: Context) -> None:
    """/question, alone or followed by the question."""
    text = " ".join(context.args or ())
    await (reply_to(update, context, text) if text else answer(update, say("ask-away"), [menu_button()]))


async def text_message(update: Update, context: Context) -> None:
    """Any text or caption: understand it and answer."""
    message = update.effective_message
    text = (message.text or message.caption or "") if message else ""
    await reply_to(update, context, without_mention(text, context.bot.username))


async def reply_to(update: Update, context: Context, text: str) -> None:
    """The answer to a text, whatever it says."""
    if not text.strip():
        await answer(update, say("empty-message"), [menu_button()])
        return
    politeness = courtesy(text)
    if politeness:
        await polite(update, politeness)
        return
    found = context.services.understanding.find(text)
    emergency = context.services.understanding.emergency(found.emergency)
    if emergency and (found.outcome == "emergency" or _tells_a_danger(text, found)):
        await show_emergency(update, context, emergency)
        return
    await _REPLIES[found.outcome](update, context, found, _head(update, found))


def _tells_a_danger(text: str, found: Found) -> bool:
    """Whether a doubtful text is nearest to what to do in danger: its card is worth more than a page about numbers."""
    return found.outcome == "answer" and found.ids[:1] in _ABOUT_DANGER and not _CALLS_FOR_HELP.issuperset(words(text))


def without_mention(text: str, username: str) -> str:
    """The text without the bot's own name, as people write it in groups."""
    return " ".join(word for word in text.split() if word.lower() != f"@{username}".lower())


def _head(update: Update, found: Found) -> Html:
    """The lines before the answer: danger when in doubt, an edited message, the asker's language."""
    lines = []
    if found.emergency:
        lines.append(say("doubt-line"))
    if update.edited_message:
        lines.append(say("edited-note"))
    note = f"language-note-{found.language}"
    if found.language != "fr" and has(note, "fr"):
        lines.append(say(note))
    return Html("\n".join(lines))


def _below(head: Html, text: str) -> Html:
    return Html(f"{head}\n\n{text}") if head else Html(text)


async def _answer(update: Update, context: Context, found: Found, head: Html) -> None:
    fiches = context.services.understanding.fiches(found.ids)
    if not fiches:
        await _unknown(update, context, found, head)
    elif found.emergency and found.ids[:1] in _ABOUT_DANGER:
        await _urgent_numbers(update, context)
    elif fiches[0].id in _OWN_SCREENS and not head:
        await _OWN_SCREENS[fiches[0].id](update, context)
    else:
        await show_fiche(update, fiches[0], head)


async def _suggest(update: Update, context: Context, found: Found, head: Html) -> None:
    rows = fiche_choices(context.services.understanding.fiches(found.ids))
    rows.append([button(plain("button-none"), cb.REPHRASE), button(plain("button-hand"), cb.HAND)])
    await answer(update, _below(head, say("suggest")), rows, quote=True)


async def _doleance(update: Update, context: Context, found: Found, head: Html) -> None:
    understanding = context.services.understanding
    category = understanding.category(found.category)
    if category is None:
        rows = category_rows(understanding.territory.categories.values())
        await answer(update, _below(head, say("doleance-unclear")), rows)
        return
    rows = doleance_rows(understanding, category, found.ids)
    await answer(update, _below(head, f"{doleance_text(category)}\n\n{say('doleance-read')}"), rows)


async def _unknown(update: Update, context: Context, found: Found, head: Html) -> None:
    fiches = context.services.understanding.fiches(found.ids)
    officials = context.services.understanding.officials(found.official)
    rows = [
        *official_links(officials),
        *fiche_choices(fiches),
        [button(plain("button-hand"), cb.HAND)],
        [button(plain("button-human"), cb.HUMAN), *menu_button()],
    ]
    text = say("unknown", nearest="some" if fiches else "none")
    parts = [text, *official_texts(officials, context.services.clock.now().astimezone(PARIS).date())]
    await answer(update, messages([head, *parts]), rows, quote=True)


async def _urgent_numbers(update: Update, context: Context) -> None:
    await answer(update, say("emergency-list"), emergency_list(context.services.understanding))


_REPLIES = {"answer": _answer, "suggest": _suggest, "doleance": _doleance, "unknown": _unknown}
_OWN_SCREENS = {
    "vie-du-bot/bienvenue": start,
    "vie-du-bot/parler-a-un-humain": human,
    "vie-du-bot/urgence": _urgent_numbers,
}
"""Entries that are better done than described."""
_ABOUT_DANGER = (("vie-du-bot/urgence",), ("droits/urgences-numeros",))
"""Pages on dangers of every kind."""
_HELP = (
    "a ai aide aider aidez au besoin c d danger de en est et grand grave help ici il j je la le les ma moi mon nous on "
    "peur plait pour s secours sos stp suis svp tous tout toute suite tres un une urgence urgent urgente vite vous y"
)
_CALLS_FOR_HELP = frozenset(_HELP.split())
"""Words that call for help without a word on what happens: every danger is shown, since none can be guessed."""


async def rephrase_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """None of the suggestions: other words, or somebody."""
    await answer(update, say("rephrase"), [[button(plain("button-human"), cb.HUMAN), *menu_button()]])


async def hand_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Only now is the question kept: it stands in the message our reply quotes, and nowhere with us."""
    query = update.callback_query
    message = query.message if query else None
    asked = message.reply_to_message if isinstance(message, Message) else None
    text = (asked.text or asked.caption or "").strip() if asked else ""
    if not text:
        await answer(update, say("handed-unreadable"), [menu_button()])
        return
    ticket = context.services.questions.hand(_same_offer(update, context), without_mention(text, context.bot.username))
    rows = [[button(plain("button-notify"), cb.NOTIFY, ticket)], menu_button()]
    private = isinstance(message, Message) and message.chat.type == ChatType.PRIVATE
    await answer(update, say("handed", days=ASKER_DAYS), rows if private else [menu_button()])


def _same_offer(update: Update, context: Context) -> str:
    """A name for the offer that was taken, the same for two taps on it; keyed, so that it does not tell the chat."""
    message = update.effective_message
    if message is None:
        return cause_of(update)
    offer = f"{message.chat.id}:{message.message_id}:{message.date}".encode()
    return hmac.new(context.bot.token.encode(), offer, hashlib.sha256).hexdigest()


async def notify_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Keep the chat until the team answers."""
    chat = update.effective_chat
    if chat is None or not context.services.questions.notify(pressed.argument(0), chat.id):
        await answer(update, say("notify-too-late"), [menu_button()])
        return
    await change(update, say("will-notify"), [[button(plain("button-forget"), cb.FORGET, pressed.argument(0))]])


async def forget_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Forget the chat again."""
    if update.effective_chat:
        context.services.questions.forget(pressed.argument(0), update.effective_chat.id)
    await change(update, say("forgotten"), [menu_button()])


async def problems_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """The kinds of housing problems."""
    rows = category_rows(context.services.understanding.territory.categories.values())
    await change(update, say("problem-title"), rows)


async def category_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """One kind was chosen: what to do, the numbers first when it can be a danger."""
    understanding = context.services.understanding
    category = understanding.category(pressed.argument(0))
    if category is None:
        await stale(update)
        return
    head = say("doubt-line") if category.urgent else Html("")
    text = _below(head, f"{doleance_text(category)}\n\n{say('doleance-read')}")
    await answer(update, text, doleance_rows(understanding, category, ()))


async def not_urgent_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """It was no danger: back to questions."""
    await answer(update, say("not-urgent"), menu_rows())
