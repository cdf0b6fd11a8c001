"""What throughput is compared with: a bare PTB bot that makes the same calls and keeps nothing.

Its answers are prepared: a JSON file `{question: {"text": HTML, "keyboard": …}}`. Each costs it one vector too.
"""

import json
import sys
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from knowledge import meaning

SIDE_BY_SIDE = 32
CONNECTIONS = 256


def main(token: str, api_url: str, answers: Path) -> None:
    prepared: dict[str, Any] = json.loads(answers.read_text(encoding="utf-8"))
    meaning.encode("warm")

    async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if message is None or not message.text or message.text not in prepared:
            return
        meaning.encode(message.text)
        reply = prepared[message.text]
        keyboard = InlineKeyboardMarkup.de_json(reply["keyboard"], context.bot)
        await context.bot.send_message(
            message.chat.id,
            reply["text"],
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            disable_web_page_preview=True,
        )

    async def ready(_: Any) -> None:
        print(api_url, flush=True)

    builder = Application.builder().token(token).base_url(f"{api_url}/bot").concurrent_updates(SIDE_BY_SIDE)
    bot = builder.connection_pool_size(CONNECTIONS).pool_timeout(30).post_init(ready).build()
    bot.add_handler(MessageHandler(filters.TEXT, answer))
    bot.run_polling()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
