"""`@bot mot` in any chat: the definition, ready to send."""

from __future__ import annotations

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.texts import plain
from handlers.context import Context
from handlers.render import emergency_card, fiche_messages, shortened
from knowledge.entries import Fiche, plain_text
from knowledge.territory import Emergency

CACHE_SECONDS = 300
DESCRIPTION_LIMIT = 120
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def inline_query(update: Update, context: Context) -> None:
    """What a few words mean, as results one can send."""
    query = update.inline_query
    if query is None:
        return
    results = _results(query.query, context)
    label = "inline-open" if results else ("inline-nothing" if query.query.strip() else "inline-empty")
    button = InlineQueryResultsButton(plain(label), start_parameter="menu")
    try:
        await query.answer(results, cache_time=CACHE_SECONDS, button=button)
    except BadRequest as error:
        if "query is too old" not in error.message.lower():
            raise


def _results(text: str, context: Context) -> list[InlineQueryResultArticle]:
    if not text.strip():
        return []
    understanding = context.services.understanding
    found = understanding.find(text)
    emergency = understanding.emergency(found.emergency) if found.outcome == "emergency" else None
    results = [_card(context, emergency)] if emergency else []
    if found.outcome in ("answer", "suggest", "doleance"):
        results += [_entry(fiche) for fiche in understanding.fiches(found.ids)]
    return results


def _entry(fiche: Fiche) -> InlineQueryResultArticle:
    text = fiche_messages(fiche)[0]
    return InlineQueryResultArticle(
        id=fiche.payload[:64],
        title=fiche.title,
        description=shortened(plain_text(fiche.answer).replace("\n", " "), DESCRIPTION_LIMIT),
        input_message_content=InputTextMessageContent(
            text, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW
        ),
    )


def _card(context: Context, emergency: Emergency) -> InlineQueryResultArticle:
    text = emergency_card(context.services.understanding, emergency)
    return InlineQueryResultArticle(
        id=emergency.id,
        title=f"{emergency.icon} {emergency.title}",
        input_message_content=InputTextMessageContent(text, parse_mode=ParseMode.HTML),
    )
