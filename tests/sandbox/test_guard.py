from io import BytesIO

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from bot.sandbox.world import World

PATHS = ("/", "/favicon.ico", "/static/style.css", "/sandbox/api/world")


@pytest.mark.parametrize("path", PATHS)
async def test_the_page_is_there_under_the_names_of_this_machine(url: str, client: ClientSession, path: str) -> None:
    port = url.rpartition(":")[2]

    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", "localhost"):
        async with client.get(url + path, headers={"Host": host}) as response:
            assert response.status == 200
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_foreign_name_that_points_here_is_refused(url: str, client: ClientSession, path: str) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "10.0.0.5", ""):
        async with client.get(url + path, headers={"Host": host}) as response:
            assert response.status in (400, 403), host


@pytest.mark.parametrize("path", PATHS)
async def test_the_page_of_another_site_is_refused(url: str, client: ClientSession, path: str) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", url.replace("http:", "https:")):
        async with client.get(url + path, headers={"Origin": origin}) as response:
            assert response.status == 403, origin
    async with client.get(url + path, headers={"Origin": url}) as response:
        assert response.status == 200


async def test_the_page_of_another_site_hears_no_events(url: str, client: ClientSession) -> None:
    with pytest.raises(WSServerHandshakeError):
        await client.ws_connect(f"{url}/sandbox/api/events", headers={"Origin": "http://evil.example"})


async def test_the_bot_api_asks_for_the_token_and_not_where_the_caller_comes_from(
    url: str, world: World, client: ClientSession
) -> None:
    headers = {"Host": "sandbox.lan:8080", "Origin": "http://elsewhere.example"}

    async with client.get(f"{url}/bot{world.token}/getMe", headers=headers) as response:
        assert response.status == 200


async def test_nothing_beside_the_page_is_served(url: str, client: ClientSession) -> None:
    for path in ("/static/../world.yaml", "/static/%2e%2e/world.yaml", "/static/", "/static/nothing.js"):
        async with client.get(url + path) as response:
            assert response.status in (403, 404), path


async def test_a_body_of_the_page_is_limited_to_a_mebibyte(url: str, client: ClientSession) -> None:
    async with client.post(f"{url}/sandbox/api/users", data=BytesIO(b"x" * (1024 * 1024 + 1))) as response:
        answer = await response.json()

    assert (response.status, answer) == (413, {"ok": False, "error": "The body is larger than 1048576 bytes."})
