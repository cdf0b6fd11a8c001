"""The sandbox: a faithful local Telegram Bot API, with telephones, a mailbox and a movable clock."""

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Refused

__all__ = ["Refused", "Sandbox"]
