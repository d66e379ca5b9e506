// The page: remembers, connects, and lays the parts out.

import { createActions } from "./actions.js";
import { Conversation } from "./chat.js";
import { Chats } from "./chats.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { recall } from "./kept.js";
import { nameOf } from "./model.js";
import { People } from "./people.js";
import { Alert, Banner, Notices } from "./popups.js";
import { createStore, opening } from "./state.js";
import { languages, preferred, speaker, tagOf, weaver } from "./texts.js";
import { html, Icon, render, useEffect, useMemo, useState, Voice } from "./view.js";

function LanguageSwitch({ language, t, actions }) {
  const other = languages.find((one) => one !== language);
  return html`<button
    type="button"
    class="language"
    lang=${tagOf(other)}
    title=${t("language.switch")}
    aria-label=${t("language.switch")}
    onClick=${() => actions.setLanguage(other)}
  >
    ${t("language.short")}
  </button>`;
}

function TopBar({ state, t, actions }) {
  return html`<header class="top">
    <span class="brand" title=${t("brand.hint")}>
      <span class="brand-mark"><${Icon} name="flame" /></span>
      <h1>${t("brand")}</h1>
    </span>
    ${state.world && html`<${Clock} offset=${state.clockOffset} tellsNext=${state.world.tells_next} />`}
    <${LanguageSwitch} language=${state.language} t=${t} actions=${actions} />
  </header>`;
}

const Welcome = ({ t }) => html`<main class="hello">
  <span class="brand-mark"><${Icon} name="flame" /></span>
  <p>${t("connection.connecting")}</p>
</main>`;

const Room = ({ state }) => html`<div class="room" data-panel=${state.panel}>
  <${Chats} state=${state} />
  <${Conversation} state=${state}><${Composer} state=${state} /><//>
  <${People} state=${state} />
</div>`;

function App({ store, actions }) {
  const [state, setState] = useState(store.get());
  useEffect(() => {
    store.listen(setState);
    actions.begin();
  }, []);
  const { language } = state;
  const voice = useMemo(() => ({ language, t: speaker(language), weave: weaver(language), actions }), [language]);
  const { t } = voice;
  useEffect(() => {
    document.documentElement.lang = tagOf(language);
    document.title = t("brand");
  }, [language]);
  return html`<${Voice.Provider} value=${voice}>
    <${TopBar} state=${state} t=${t} actions=${actions} />
    <${Banner} state=${state} />
    ${state.world ? html`<${Room} state=${state} />` : html`<${Welcome} t=${t} />`}
    <${Notices} notices=${state.notices} />
    ${state.alert && html`<${Alert} text=${state.alert} from=${nameOf(state.world.bot)} />`}
  <//>`;
}

const store = createStore(
  opening({
    language: languages.includes(recall("language")) ? recall("language") : preferred(navigator.language),
    personId: recall("person"),
    chatId: recall("chat"),
    tips: recall("tips") ?? true,
  }),
);

render(html`<${App} store=${store} actions=${createActions(store)} />`, document.getElementById("app"));
