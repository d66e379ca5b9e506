// What a link in the chat leads to: somewhere in the sandbox, or out into the world.

const SAFE = new Set(["http:", "https:", "mailto:", "tg:"]);

const parse = (address) => {
  try {
    return new URL(address);
  } catch {
    return null;
  }
};

/** The address when a page may offer it as a link, else undefined (`javascript:` and its kin). */
export function safeAddress(address) {
  const url = parse(/^[\w.-]+\.\w+(\/|$)/.test(address) ? `https://${address}` : address);
  return url && SAFE.has(url.protocol) ? url.href : undefined;
}

const hostOf = (url) => url.hostname.replace(/^www\./, "");

// The sandbox's own invite links name the chat they open.
const INVITE = /^\+sandbox(\d+)x\d+$/;

/**
 * Where a t.me address leads inside the sandbox: `{start}` a deep link to the bot, `{invite, chat}` a link into a chat,
 * `{chat, messageId}` a chat or a message in it; undefined for everything else.
 */
export function inSandbox(address, world) {
  const url = parse(address);
  if (!url || !["t.me", "telegram.me"].includes(hostOf(url))) return undefined;
  const [first = "", second, third] = url.pathname.split("/").filter(Boolean);
  if (first.toLowerCase() === world.bot.username?.toLowerCase()) return { start: url.searchParams.get("start") ?? "" };
  const invited = INVITE.exec(first);
  if (invited) return { invite: address, chat: world.chats.find((one) => String(one.id) === `-${invited[1]}`) };
  const chat =
    first === "c"
      ? world.chats.find((one) => String(one.id) === `-100${second}`)
      : world.chats.find((one) => one.username && one.username.toLowerCase() === first.toLowerCase());
  const messageId = Number(first === "c" ? third : second) || undefined;
  return chat && { chat, messageId };
}
