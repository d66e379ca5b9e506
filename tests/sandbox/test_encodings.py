import json
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from bot.sandbox import parameters
from bot.sandbox.world import World

KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}


@pytest.fixture
def base(url: str, world: World) -> str:
    return f"{url}/bot{world.token}"


async def result(response: Any) -> Any:
    answer = await response.json()
    assert answer["ok"], answer
    return answer["result"]


async def test_parameters_come_in_the_query(base: str, client: ClientSession) -> None:
    sent = {"chat_id": "-100", "text": "hi", "reply_markup": json.dumps(KEYBOARD)}

    async with client.get(f"{base}/sendMessage", params=sent) as response:
        message = await result(response)

    assert (message["text"], message["reply_markup"]) == ("hi", KEYBOARD)


async def test_parameters_come_as_a_form(base: str, client: ClientSession) -> None:
    sent = {"chat_id": "-100", "text": "a+b & c", "reply_markup": json.dumps(KEYBOARD)}

    async with client.post(f"{base}/SENDMESSAGE", data=sent) as response:
        message = await result(response)

    assert (message["text"], message["reply_markup"]) == ("a+b & c", KEYBOARD)


async def test_parameters_come_as_json_typed_or_as_text(base: str, client: ClientSession) -> None:
    for chat_id, markup in ((-100, KEYBOARD), ("-100", json.dumps(KEYBOARD)), ("@Bakery", KEYBOARD)):
        sent = {"chat_id": chat_id, "text": "hi", "reply_markup": markup}
        async with client.post(f"{base}/sendMessage", json=sent) as response:
            assert (await result(response))["reply_markup"] == KEYBOARD


async def test_parameters_come_as_multipart_with_a_file(base: str, client: ClientSession) -> None:
    form = FormData({"chat_id": "-100", "caption": "a loaf"})
    form.add_field("document", b"flour", filename="recipe.txt", content_type="text/plain")

    async with client.post(f"{base}/sendDocument", data=form) as response:
        document = (await result(response))["document"]
    async with client.get(f"{base}/getFile", params={"file_id": document["file_id"]}) as response:
        path = (await result(response))["file_path"]
    async with client.get(f"{base.replace('/bot', '/file/bot')}/{path}") as response:
        content = await response.read()

    assert (document["file_name"], document["mime_type"], content) == ("recipe.txt", "text/plain", b"flour")


async def test_a_file_is_attached_under_another_name_and_sent_again_by_its_id(base: str, client: ClientSession) -> None:
    media = [
        {"type": "photo", "media": "attach://one"},
        {"type": "photo", "media": "attach://two", "caption": "second"},
    ]
    form = FormData({"chat_id": "-100", "media": json.dumps(media)})
    form.add_field("one", b"\x89PNG1", filename="1.png")
    form.add_field("two", b"\x89PNG2", filename="2.png")

    async with client.post(f"{base}/sendMediaGroup", data=form) as response:
        first, second = await result(response)
    again = {"chat_id": -100, "photo": first["photo"][0]["file_id"]}
    async with client.post(f"{base}/sendPhoto", json=again) as response:
        repeated = await result(response)

    assert first["media_group_id"] == second["media_group_id"]
    assert second["caption"] == "second"
    assert repeated["photo"][0]["file_id"] == first["photo"][0]["file_id"]


async def test_what_is_no_call_is_refused_in_the_shape_of_the_bot_api(
    url: str, base: str, client: ClientSession
) -> None:
    not_found = {"ok": False, "error_code": 404, "description": "Not Found"}
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}

    async with client.get(f"{base}/sendMoney") as response:
        assert (response.status, await response.json()) == (404, not_found)
    async with client.delete(f"{base}/getMe") as response:
        assert (response.status, await response.json()) == (404, not_found)
    async with client.get(f"{url}/bot1:wrong/getMe") as response:
        assert (response.status, await response.json()) == (401, unauthorized)


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "multipart/form-data"])
async def test_a_body_that_makes_no_sense_is_a_bad_request(base: str, client: ClientSession, content_type: str) -> None:
    async with client.post(f"{base}/getMe", data=b"{nonsense", headers={"Content-Type": content_type}) as response:
        answer = await response.json()

    assert (response.status, answer["error_code"]) == (400, 400)
    assert answer["description"].startswith("Bad Request: ")


async def test_a_body_beyond_the_limit_is_too_large(
    base: str, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameters, "BODY_LIMIT", 1000)
    form = FormData({"chat_id": "-100"})
    form.add_field("document", b"x" * 2000, filename="big.bin")

    async with client.post(f"{base}/sendDocument", data=form) as response:
        assert (response.status, (await response.json())["error_code"]) == (413, 413)
    async with client.post(f"{base}/sendMessage", data={"text": "x" * 2000}) as response:
        assert (response.status, (await response.json())["error_code"]) == (413, 413)
