// Sending what waits, in its order, and fetching fresh data. An action leaves the queue only after the server has said what became of it.

import { get, post } from './net.js';
import { changeAction, listActions, removeAction, writeData } from './store.js';

const CLOCK_AHEAD = 5 * 60 * 1000;
const BATCH = 100;
const BATCH_BYTES = 400000;
const FRESH = 10 * 60 * 1000;

let running = null;

// Resolves to what the app must do: '' nothing, 'offline', or a refusal {state, zh, en}. Asked while it runs, it runs once more.
export function synchronise(app, options) {
  const turn = (running || Promise.resolve()).then(() => alone(() => once(app, options)));
  const settled = turn.catch(() => 'offline');
  running = settled;
  settled.then(() => {
    if (running === settled) running = null;
  });
  return settled;
}

export const isRunning = () => running !== null;

// Two windows of the app take turns, where the browser can make them.
function alone(work) {
  return navigator.locks ? navigator.locks.request('pingyi-field-sync', work) : work();
}

async function once(app, { fresh = false } = {}) {
  const { key } = app;
  if (!key) return '';
  let sent = 0;
  for (;;) {
    const waiting = (await listActions(key)).filter((action) => action.state === 'waiting');
    const batch = firstPart(waiting);
    if (!batch.length) break;
    const answer = await post('sync', { phone_now: new Date().toISOString(), actions: batch.map(toSend) });
    if (answer.offline) return 'offline';
    if (!answer.ok) return answer.data;
    const moved = await keepResults(key, batch, answer.data.results);
    sent += moved;
    if (moved < batch.length) break; // some wait for another time
  }
  const taken = (await listActions(key)).filter((action) => action.state === 'taken');
  const asksAnyway = fresh || sent || taken.length || app.offline;
  if (!asksAnyway && Date.now() - (app.fetchedAt || 0) < FRESH) return '';
  const answer = await get('data.json');
  if (answer.offline) return 'offline';
  if (!answer.ok) return answer.data;
  if (app.key !== key) return ''; // locked meanwhile
  const data = { ...answer.data, clock_ahead: answer.at ? Date.now() - answer.at : 0 };
  await writeData(key, data);
  for (const action of taken) await removeAction(action.order);
  app.data = data;
  app.fetchedAt = Date.now();
  return '';
}

function firstPart(actions) {
  let bytes = 0;
  return actions.slice(0, BATCH).filter((action) => (bytes += JSON.stringify(action).length) < BATCH_BYTES);
}

// A time ahead of this phone's clock was recorded before the clock was put back: that is said, so that the record is kept as doubtful.
function toSend({ order, state, zh, en, made_at, whose, ...action }) {
  const at = Date.parse(action.visited_at || action.asked_at || '');
  return at > Date.now() + CLOCK_AHEAD ? { ...action, clock_moved: true } : action;
}

// Returns how many actions need not be sent again. What was taken stays, as little of it as the list needs, until the list itself has come:
// where the line is cut in between, nothing that was done seems undone.
async function keepResults(key, batch, results) {
  const byKey = new Map(results.map((result) => [result.key, result]));
  let moved = 0;
  for (const action of batch) {
    const result = byKey.get(action.key);
    if (!result || result.state === 'again') continue;
    moved += 1;
    if (result.state === 'refused' || result.zh) {
      await changeAction(key, { ...action, state: result.state === 'refused' ? 'refused' : 'told', zh: result.zh, en: result.en });
    } else {
      await changeAction(key, { ...withoutAnswers(action), state: 'taken' });
    }
  }
  return moved;
}

const withoutAnswers = ({ token, inner, ...action }) => action;
