"""The sandbox as a web application: Bot API, JSON API and page of one world."""

from aiohttp import web

from bot.sandbox.bot_api import BotApi
from bot.sandbox.json_routes import add_json_routes
from bot.sandbox.pages import add_pages, guard
from bot.sandbox.webhooks import Deliverer
from bot.sandbox.world import World


def build_app(world: World) -> web.Application:
    """The application; routes can be added until it starts. Closing it ends polls, sockets and deliveries at once."""
    app = web.Application(middlewares=[guard])
    api = BotApi(world)
    api.add_routes(app)
    add_json_routes(app, world)
    add_pages(app)
    deliverer = Deliverer(world, api)

    async def start(_: web.Application) -> None:
        await deliverer.start()

    async def stop(_: web.Application) -> None:
        world.updates.close()
        world.events.close()
        await deliverer.close()

    app.on_startup.append(start)
    app.on_shutdown.append(stop)
    return app
