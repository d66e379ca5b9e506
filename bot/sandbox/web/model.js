// Questions one may ask about people, chats and messages. Pure functions over what the API returns.

const PRESENT = new Set(["creator", "administrator", "member", "restricted"]);
const STAFF = new Set(["creator", "administrator"]);

export const nameOf = (user) => [user?.first_name, user?.last_name].filter(Boolean).join(" ") || user?.title || "?";

export const people = (world) => world.users.filter((user) => !user.is_bot);

export const personOf = (world, id) => world.users.find((user) => user.id === id);

export const isPrivate = (chat) => chat.type === "private";

/** Groups and channels, in the server's order. */
export const publicChats = (world) => world.chats.filter((chat) => !isPrivate(chat));

/** The person's chat with the bot; before the first word the server knows none, yet the visitor may open it. */
export function privateChat(world, userId) {
  const known = world.chats.find((chat) => isPrivate(chat) && (chat.user_id ?? chat.id) === userId);
  return known ?? { id: userId, type: "private", user_id: userId, topics: [], members: [] };
}

export function chatOf(world, chatId) {
  const known = world.chats.find((chat) => chat.id === chatId);
  if (known) return known;
  return personOf(world, chatId) ? privateChat(world, chatId) : undefined;
}

const memberOf = (chat, userId) => chat.members?.find((member) => member.user.id === userId);

/** Where the person stands in a chat; those never seen there count as having left. */
export function statusOf(chat, userId) {
  const member = memberOf(chat, userId);
  // A restricted member who left keeps the restriction, not the place.
  return !member || member.is_member === false ? "left" : member.status;
}

export const isPresent = (status) => PRESENT.has(status);
export const isStaff = (status) => STAFF.has(status);

export const presentCount = (chat) =>
  (chat.members ?? []).filter((member) => isPresent(statusOf(chat, member.user.id))).length;

/** The one who may see an ephemeral message, or undefined when everybody may. */
export const receiverOf = (message) => message.receiver_user?.id;

/** Message ids of ephemeral messages are a series of their own. */
export const keyOf = (message) =>
  message.ephemeral_message_id === undefined ? `m${message.message_id}` : `e${message.ephemeral_message_id}`;

/** Who a message shows as its author: an anonymous admin or a channel speaks as a chat. */
export function authorOf(message) {
  if (message.sender_chat) return { id: message.sender_chat.id, name: message.sender_chat.title, isChat: true };
  const user = message.from;
  return { id: user?.id ?? message.chat.id, name: nameOf(user ?? message.chat), isBot: Boolean(user?.is_bot) };
}

export const isOwn = (message, personId) =>
  !message.sender_chat && message.from?.id === personId && receiverOf(message) === undefined;

const SERVICES = [
  "new_chat_members", "left_chat_member", "pinned_message", "migrate_to_chat_id", "migrate_from_chat_id",
  "group_chat_created", "supergroup_chat_created", "channel_chat_created", "new_chat_title", "forum_topic_created",
  "forum_topic_closed", "forum_topic_reopened", "forum_topic_edited", "general_forum_topic_hidden",
  "general_forum_topic_unhidden", "delete_chat_photo", "new_chat_photo", "message_auto_delete_timer_changed",
  "write_access_allowed", "boost_added", "video_chat_started", "video_chat_ended",
];

/** The field that makes this a service message, or undefined for something said. */
export const serviceOf = (message) => SERVICES.find((field) => message[field] !== undefined);

const MEDIA = ["photo", "sticker", "animation", "video", "document", "audio", "voice", "poll", "dice"];

/** The field that carries something else than text, or undefined. */
export const mediaOf = (message) => MEDIA.find((field) => message[field] !== undefined);

export const textOf = (message) => message.text ?? message.caption ?? "";

export const canEdit = (message, personId) => isOwn(message, personId) && (message.text ?? message.caption) !== undefined;

export const canDelete = (message, personId, chat) =>
  receiverOf(message) === undefined &&
  (isPrivate(chat) || isOwn(message, personId) || isStaff(statusOf(chat, personId)));

/** Whether the person of a private chat has shut the bot out. */
export const isBlocked = (chat, bot) => isPrivate(chat) && statusOf(chat, bot.id) === "kicked";

/** What keeps this person from writing here: "left", "kicked", "readonly"; null when nothing does. */
export function barrierTo(chat, personId) {
  if (isPrivate(chat)) return null;
  const status = statusOf(chat, personId);
  if (!isPresent(status)) return status;
  return chat.type === "channel" && !isStaff(status) ? "readonly" : null;
}

/** The initials on an avatar: letters of the first two words, whatever the script. */
export function initialsOf(name) {
  const letters = name
    .split(/\s+/)
    .map((word) => word.match(/[\p{L}\p{N}]/u)?.[0])
    .filter(Boolean);
  const [first = "?", second = ""] = letters;
  return (/\p{Script=Han}/u.test(first) ? first : first + second).toUpperCase();
}

/** One of eight avatar colours, the same every time; chats begin elsewhere in the row, to differ from their owner. */
export const hueOf = (id) => (id < 0 ? 5 - id : id) % 8;

/** The colour of an author's name: the bot has the house's own. */
export const inkOf = (author) => (author.isBot ? "bot" : hueOf(author.id));
