// What the page knows, and how each event changes it. Pure: no network, no document.

import { chatOf, keyOf, people, publicChats } from "./model.js";

/** The state before the server has answered. */
export const opening = ({ language, personId, chatId, tips }) => ({
  language,
  personId,
  chatId,
  topicId: null,
  panel: "chat", // the one column a phone shows: chats, chat or people
  tips,
  world: null,
  connection: "connecting",
  waiting: 0, // updates that no bot fetches
  clockOffset: 0,
  messages: {},
  replaying: {}, // events that came while a chat's messages were being read
  unread: {},
  typing: {},
  pressing: [],
  replyTo: null,
  editing: null,
  notices: [],
  alert: null,
  focusOn: null, // a message to scroll to
});

const put = (list, item, same) => {
  const index = list.findIndex(same(item));
  return index < 0 ? [...list, item] : list.with(index, item);
};

const byId = (item) => (other) => other.id === item.id;
const byKey = (item) => (other) => keyOf(other) === keyOf(item);
const byUser = (item) => (other) => other.user.id === item.user.id;

const withWorld = (state, change) => (state.world ? { ...state, world: { ...state.world, ...change(state.world) } } : state);

const withChat = (state, chatId, change) =>
  withWorld(state, (world) => ({
    chats: world.chats.map((chat) => (chat.id === chatId ? { ...chat, ...change(chat) } : chat)),
  }));

const withMessages = (state, chatId, change) => ({
  ...state,
  messages: { ...state.messages, [chatId]: change(state.messages[chatId] ?? []) },
});

const without = (object, key) => {
  const { [key]: _, ...rest } = object;
  return rest;
};

/** Events about the messages of one chat; they can be applied twice without harm. */
const messageSteps = {
  message: (list, { message }) => put(list, message, byKey),
  edited: (list, { message }) => put(list, message, byKey),
  ephemeral: (list, { message, receiver_user_id: id, is_deleted: isDeleted }) =>
    isDeleted
      ? list.filter((shown) => !byKey(message)(shown))
      : put(list, { ...message, receiver_user: message.receiver_user ?? { id } }, byKey),
  deleted: (list, { message_ids: ids }) => list.filter((message) => !ids.includes(message.message_id)),
  reaction: (list, { message_id: id, reactions }) =>
    list.map((message) => (message.message_id === id ? { ...message, reactions } : message)),
};

function stepMessages(state, event) {
  const { chat_id: chatId } = event;
  const step = messageSteps[event.type];
  const next = withMessages(state, chatId, (list) => step(list, event));
  if (state.replaying[chatId]) {
    next.replaying = { ...state.replaying, [chatId]: [...state.replaying[chatId], event] };
  }
  return next;
}

const countUnread = (state, chatId) =>
  chatId === state.chatId ? state : { ...state, unread: { ...state.unread, [chatId]: (state.unread[chatId] ?? 0) + 1 } };

/** What the server tells. */
const serverSteps = {
  message(state, event) {
    const next = stepMessages(state, event);
    const quiet = event.message.from?.is_bot ? { ...next, typing: without(next.typing, event.chat_id) } : next;
    return countUnread(quiet, event.chat_id);
  },
  ephemeral: (state, event) =>
    event.receiver_user_id === state.personId ? countUnread(stepMessages(state, event), event.chat_id) : stepMessages(state, event),
  edited: stepMessages,
  deleted: stepMessages,
  reaction: stepMessages,
  answer(state, event) {
    const index = state.pressing.findIndex(
      (press) => press.userId === event.user_id && (event.message_id == null || press.messageId === event.message_id),
    );
    return index < 0 ? state : { ...state, pressing: state.pressing.toSpliced(index, 1) };
  },
  member: (state, event) =>
    withChat(state, event.chat_id, (chat) => ({ members: put(chat.members ?? [], event.member, byUser) })),
  chat: (state, event) => withWorld(state, (world) => ({ chats: put(world.chats, event.chat, byId) })),
  migrated(state, event) {
    const moved = withWorld(state, (world) => ({
      chats: put(world.chats.filter((chat) => chat.id !== event.old_chat_id), event.chat, byId),
    }));
    return state.chatId === event.old_chat_id ? { ...moved, chatId: event.chat.id, replyTo: null, editing: null } : moved;
  },
  user: (state, event) => withWorld(state, (world) => ({ users: put(world.users, event.user, byId) })),
  action: (state, event) => ({
    ...state,
    typing: { ...state.typing, [event.chat_id]: { action: event.action, at: event.at } },
  }),
  clock: (state, event) => ({ ...state, clockOffset: event.offset }),
};

const firstPlace = (state, world) => {
  const personId = people(world).some((user) => user.id === state.personId) ? state.personId : people(world)[0]?.id;
  const chatId = chatOf(world, state.chatId) ? state.chatId : (publicChats(world)[0]?.id ?? personId);
  return { personId, chatId };
};

/** What the page itself does. */
const pageSteps = {
  "world read": (state, { world, offset }) => ({ ...state, ...firstPlace(state, world), world, clockOffset: offset }),
  "messages asked": (state, { chatId }) => ({ ...state, replaying: { ...state.replaying, [chatId]: [] } }),
  "messages read"(state, { chatId, messages }) {
    // An answer may be older than events that overtook it, so those are applied to it once more.
    const missed = state.replaying[chatId] ?? [];
    const kept = (state.messages[chatId] ?? []).filter((message) => message.ephemeral_message_id !== undefined);
    const read = [...messages, ...kept.filter((message) => !messages.some(byKey(message)))];
    const list = missed.reduce((sofar, event) => messageSteps[event.type](sofar, event), read);
    return { ...withMessages(state, chatId, () => list), replaying: without(state.replaying, chatId) };
  },
  connection: (state, { connection }) => ({ ...state, connection, ...(connection === "lost" ? { waiting: 0 } : {}) }),
  waiting: (state, { waiting }) => (state.waiting === waiting ? state : { ...state, waiting }),
  "typing over": (state, { chatId, at }) =>
    state.typing[chatId]?.at === at ? { ...state, typing: without(state.typing, chatId) } : state,
  opened: (state, { chatId }) => ({
    ...state,
    chatId,
    topicId: chatId === state.chatId ? state.topicId : null,
    panel: "chat",
    unread: without(state.unread, chatId),
    ...(chatId === state.chatId ? {} : { replyTo: null, editing: null }),
  }),
  became: (state, { personId }) => ({
    ...state,
    personId,
    editing: null,
    chatId: state.chatId === state.personId ? personId : state.chatId, // one's own private chat, not another's
  }),
  topic: (state, { topicId }) => ({ ...state, topicId }),
  panel: (state, { panel }) => ({ ...state, panel }),
  language: (state, { language }) => ({ ...state, language }),
  "tips read": (state) => ({ ...state, tips: false }),
  replying: (state, { message }) => ({ ...state, replyTo: message, editing: null }),
  editing: (state, { message }) => ({ ...state, editing: message, replyTo: null }),
  composed: (state) => ({ ...state, replyTo: null, editing: null }),
  pressed: (state, { press }) => ({ ...state, pressing: [...state.pressing, press] }),
  "press over": (state, { press }) => ({ ...state, pressing: state.pressing.filter((one) => one !== press) }),
  notice: (state, { notice }) => ({ ...state, notices: [...state.notices.slice(-2), notice] }),
  "notice over": (state, { id }) => ({ ...state, notices: state.notices.filter((notice) => notice.id !== id) }),
  alert: (state, { alert }) => ({ ...state, alert }),
  focus: (state, { key }) => ({ ...state, focusOn: key }),
};

const steps = { ...serverSteps, ...pageSteps };

/** The state after the event; an event this page does not know (a newer server's) changes nothing. */
export const reduce = (state, event) => steps[event.type]?.(state, event) ?? state;

/** Holds the state and tells one listener about each change. */
export function createStore(state) {
  let listener = () => {};
  return {
    get: () => state,
    listen: (heard) => {
      listener = heard;
    },
    tell(event) {
      const next = reduce(state, event);
      if (next === state) return;
      state = next;
      listener(state);
    },
  };
}
