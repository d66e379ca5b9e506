// The JSON API of the sandbox: calls and the stream of events. Nothing else in this folder touches the network.

const BASE = "/sandbox/api";
const FIRST_RETRY = 400;
const LAST_RETRY = 4000;

async function call(method, path, body) {
  const response = await fetch(BASE + path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer?.ok) throw new Error(answer?.error ?? `${response.status} ${response.statusText}`);
  return answer.result;
}

const at = (chatId, messageId) => `/chats/${chatId}/messages${messageId === undefined ? "" : `/${messageId}`}`;

/** Where a file that was sent can be seen. */
export const fileAddress = (fileId) => `${BASE}/files/${encodeURIComponent(fileId)}`;

export const api = {
  world: () => call("GET", "/world"),
  updates: () => call("GET", "/updates"),
  messages: (chatId) => call("GET", `${at(chatId)}?limit=200`),
  say: (chatId, said) => call("POST", at(chatId), said),
  edit: (chatId, messageId, edit) => call("PATCH", at(chatId, messageId), edit),
  remove: (chatId, messageId, userId) => call("DELETE", `${at(chatId, messageId)}?user_id=${userId}`),
  press: (chatId, messageId, press) => call("POST", `${at(chatId, messageId)}/press`, press),
  react: (chatId, messageId, reaction) => call("POST", `${at(chatId, messageId)}/react`, reaction),
  foundGroup: (group) => call("POST", "/chats", group),
  changeMember: (chatId, change) => call("POST", `/chats/${chatId}/members`, change),
  migrate: (chatId) => call("POST", `/chats/${chatId}/migrate`, {}),
  addUser: (user) => call("POST", "/users", user),
  advance: (seconds) => call("POST", "/clock", { advance: seconds }),
  advanceToNext: () => call("POST", "/clock/next", {}),
};

/**
 * Follows the events for ever: `onFrame` gets each one, `onOpen` runs at every (re)connection, because whatever
 * happened in between was missed and has to be read again, and `onLost` when the server goes away.
 */
export function follow({ onFrame, onOpen, onLost }) {
  let wait = FIRST_RETRY;
  const connect = () => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${BASE}/events`);
    socket.addEventListener("open", () => {
      wait = FIRST_RETRY;
      onOpen();
    });
    socket.addEventListener("message", (event) => onFrame(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      onLost();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, LAST_RETRY);
    });
  };
  connect();
}
