"""Who has most."""

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.domain.leaderboards import BOARDS, Board
from bot.services.leaderboards import LeaderboardService
from bot.texts import Say
from bot.texts.leaderboards import leaderboard
from handlers.asking import Asks
from handlers.context import Place
from handlers.feature import Command, Feature
from handlers.pressing import Pressed
from handlers.replies import keyboard, pop_up, turn_into

LEADERBOARD_BUTTON = "board"
"""What a button below any post sends back to show the week's leaderboard in a pop-up."""

_BUTTON = "top"
_INVITES: tuple[Board, ...] = ("invites_week", "invites_month", "invites")


async def top(message: Message, place: Place, at: datetime, say: Say, leaderboards: LeaderboardService) -> None:
    """Shows the week's leaderboard, with buttons for the others."""
    ranks = await leaderboards.top(place.group, "week", at)
    await message.reply(leaderboard(say, "week", ranks), reply_markup=_tabs(say, "week"))


async def press_top(
    query: CallbackQuery, argument: str, place: Place, at: datetime, say: Say, leaderboards: LeaderboardService
) -> None:
    """Turns the message into another leaderboard."""
    board: Board = argument if argument in BOARDS else "week"
    ranks = await leaderboards.top(place.group, board, at)
    await turn_into(query, leaderboard(say, board, ranks), _tabs(say, board))
    await query.answer()


async def press_leaderboard(
    query: CallbackQuery, place: Place, at: datetime, say: Say, leaderboards: LeaderboardService
) -> None:
    """Shows the week's leaderboard in a pop-up, as far as it fits."""
    ranks = await leaderboards.top(place.group, "week", at)
    await pop_up(query, leaderboard(say, "week", ranks), alert=True)


def _tabs(say: Say, shown: Board) -> InlineKeyboardMarkup:
    names = {board: str(say(f"top.tab.{board}")) for board in BOARDS}
    rows = ([board for board in BOARDS if board not in _INVITES], _INVITES)
    return keyboard(
        *(
            [(f"• {names[board]}" if board == shown else names[board], f"{_BUTTON}:{board}") for board in row]
            for row in rows
        )
    )


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(top, Asks("top"))
    router.callback_query.register(press_top, Pressed(_BUTTON))
    router.callback_query.register(press_leaderboard, Pressed(LEADERBOARD_BUTTON))


FEATURE = Feature(commands=(Command("top", keywords=("排行榜",)),), register=register)
