// Formatted text. The server's HTML is already safe; it is still rebuilt tag by tag, so that a mistake there stays text.

import { safeAddress } from "./links.js";
import { html, h, useState, useVoice } from "./view.js";

const PLAIN_TAGS = new Set(["b", "i", "u", "s", "code", "pre", "blockquote"]);
const COMMAND = /(^|[\s(（“"'：:，。、])(\/[a-z0-9_]{1,32}(?:@\w+)?)(?![\w/@])/g;

function Spoiler({ children }) {
  const { t } = useVoice();
  const [shown, setShown] = useState(false);
  if (shown) return html`<span class="spoiler shown">${children}</span>`;
  return html`<button type="button" class="spoiler" aria-label=${t("message.spoiler")} onClick=${() => setShown(true)}>
    <span aria-hidden="true">${children}</span>
  </button>`;
}

function Link({ address, children }) {
  const { actions } = useVoice();
  const safe = safeAddress(address ?? "");
  if (!safe) return children;
  const follow = (event) => actions.followLink(safe) && event.preventDefault();
  return html`<a href=${safe} target="_blank" rel="noopener noreferrer" onClick=${follow}>${children}</a>`;
}

function Command({ command }) {
  const { actions } = useVoice();
  return html`<button type="button" class="command-link" onClick=${() => actions.say({ text: command })}>${command}</button>`;
}

/** Commands in a text can be pressed, as in Telegram. */
function withCommands(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(COMMAND)) {
    const start = found.index + found[1].length;
    parts.push(text.slice(from, start), html`<${Command} command=${found[2]} />`);
    from = start + found[2].length;
  }
  return [...parts, text.slice(from)];
}

const VERBATIM = new Set(["a", "code", "pre"]);

function rebuilt(node, verbatim = false) {
  if (node.nodeType === Node.TEXT_NODE) return verbatim ? node.data : withCommands(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  const tag = node.localName;
  const children = [...node.childNodes].map((child) => rebuilt(child, verbatim || VERBATIM.has(tag)));
  if (tag === "br") return "\n";
  if (tag === "a") return html`<${Link} address=${node.getAttribute("href")}>${children}<//>`;
  if (tag === "span" && node.classList.contains("spoiler")) return html`<${Spoiler}>${children}<//>`;
  return PLAIN_TAGS.has(tag) ? h(tag, null, children) : children;
}

/** The message's text as elements; plain text when the server gave no HTML. */
export function Rich({ markup, text }) {
  if (markup === undefined) return withCommands(text);
  return rebuilt(new DOMParser().parseFromString(markup, "text/html").body);
}
