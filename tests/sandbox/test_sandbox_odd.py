import random

import pytest

from bot.sandbox.methods import METHODS

ODD = (
    *(None, "", 0, -1, True, 1.5, 10**30, "x" * 5000, "[", "{}", "[[]]", "é\u0000\u202e", "attach://x", "https://["),
    *([], {}, [1], ["a", None], {"type": ["a"]}, {"message_id": "x"}, [{"id": 1}], [{"type": "photo", "media": 5}]),
    *({"inline_keyboard": 5}, {"inline_keyboard": [[{"text": 1}]]}, {"keyboard": [[1]]}),
    *(
        [{"type": "bold", "offset": 0, "length": 1}],
        [{"type": "text_mention", "offset": 0, "length": 1, "user_id": []}],
    ),
)
FIELDS = """
text parse_mode entities reply_markup from_chat_id callback_query_id results media photo document caption
caption_entities latitude longitude options question commands scope language_code action reply_parameters
message_ids reaction menu_button user_id button file_id inline_message_id link_preview_options phone_number
first_name title address name description next_offset
""".split()  # noqa: SIM905 - easier to read


@pytest.mark.parametrize("method", METHODS)
async def test_odd_parameters_are_answered(api, samira, method):
    """Whatever the parameters of a method, the answer is Telegram's yes or no, never an internal error."""
    chance = random.Random(method)
    for _ in range(60):
        params = {name: chance.choice(ODD) for name in chance.sample(FIELDS, 12)}
        where = {"chat_id": chance.choice([101, 101, 101, *ODD]), "message_id": chance.choice([1, 2, *ODD])}
        if chance.random() < 0.5:
            params["text"] = "<b>oui</b>"
            params.pop("reply_markup", None)
        answer = await api.call(method, **params, **where)
        assert answer["ok"] or answer["error_code"] in (400, 403), (params, answer)
