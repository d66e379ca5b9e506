// The sandbox's clock in the header: it ticks with real time, and the visitor can push it on.

import { clockFace, timeOf } from "./times.js";
import { html, Icon, useEffect, useState, useVoice } from "./view.js";

const TICK = 1000;
const HOUR = 3600;
const DAY = 24 * HOUR;

function useTick() {
  const [, setTick] = useState(0);
  useEffect(() => {
    const ticking = setInterval(() => setTick((tick) => tick + 1), TICK);
    return () => clearInterval(ticking);
  }, []);
}

const Push = ({ name, onClick }) => {
  const { t } = useVoice();
  return html`<button type="button" class="push" aria-label=${t(`clock.${name}`)} onClick=${onClick}>
    <span data-for="wide">${t(`clock.${name}`)}</span><span data-for="phone">${t(`clock.${name}.short`)}</span>
  </button>`;
};

export function Clock({ offset, tellsNext }) {
  const { t, language, actions } = useVoice();
  useTick();
  const now = Date.now() + offset;
  return html`<div class="clock" role="group" aria-label=${t("clock.label")}>
    <span class="clock-icon"><${Icon} name="clock" /></span>
    <time datetime=${new Date(now).toISOString()} title=${t("clock.label")}>
      <span data-for="wide">${clockFace(now, language)}</span><span data-for="phone">${timeOf(now / 1000, language)}</span>
    </time>
    <${Push} name="hour" onClick=${() => actions.advance(HOUR)} />
    <${Push} name="day" onClick=${() => actions.advance(DAY)} />
    ${tellsNext && html`<${Push} name="next" onClick=${actions.advanceToNext} />`}
  </div>`;
}
