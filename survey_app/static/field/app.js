// The investigator's app: which screen is shown, what is held in memory, when things are sent.

import { hex, randomBytes } from './crypto.js';
import { h, show } from './dom.js';
import { language, setLanguage, t } from './words.js';
import * as doors from './doors.js';
import { carryOut } from './ending.js';
import { listScreen, whose } from './list.js';
import { post } from './net.js';
import { queueBar, queueScreen } from './queue.js';
import { releaseScreen, visitScreen } from './forms.js';
import { handOver, isHandedOver } from './handover.js';
import { addAction, getPlain, listActions, openStore, readData, removeAction, setPlain } from './store.js';
import { unitOf } from './state.js';
import { isRunning, synchronise } from './sync.js';
import { qrScreen, unitScreen } from './unit.js';

const OPEN_FOR = 12 * 3600 * 1000;
const MINUTE = 60000;

export const app = {
  key: null, pin: null, data: null, actions: [], filter: 'todo', search: '', openedAt: 0, fetchedAt: 0, offline: false, message: null,
};
let ending = null;
const place = document.getElementById('app');
const bar = document.getElementById('bar');

// ----- screens

// `live` screens are drawn again when something was sent or fetched; forms are not, so that nothing typed is lost, nor is the list
// while something is searched for: a character half written would go.
const ROUTES = [
  [/^#?$/, listScreen, true],
  [/^#unit\/(\d+)$/, unitScreen, true],
  [/^#unit\/(\d+)\/qr$/, qrScreen, false],
  [/^#unit\/(\d+)\/visit(\/completed)?$/, visitScreen, false],
  [/^#unit\/(\d+)\/release$/, releaseScreen, false],
  [/^#unit\/(\d+)\/answer$/, handOver, false],
  [/^#queue$/, queueScreen, true],
];

export function go(hash) {
  if (location.hash === hash) draw();
  else location.hash = hash;
}

function draw({ onlyLive = false } = {}) {
  if (!app.key || isHandedOver()) return;
  const [, screen, live, match] = ROUTES.map(([path, ...rest]) => [path, ...rest, path.exec(location.hash)])
    .find(([, , , found]) => found) || [null, listScreen, true, []];
  if (onlyLive && (!live || place.contains(document.activeElement?.closest('input')))) return drawBar();
  const at = window.scrollY;
  document.body.className = 'big phone';
  show(place, app.data ? [header(), screen(app, ...match.slice(1))] : [header(), h('p', { class: 'empty' }, t('正在取得名单……'))]);
  drawBar();
  if (onlyLive) window.scrollTo(0, at);
  else {
    window.scrollTo(0, 0);
    place.querySelector('h1')?.focus();
  }
}

function header() {
  return h('header', { class: 'field-top' },
    h('a', { class: 'brand', href: '#' }, h('img', { src: '/static/mark.svg', alt: '' }), h('span', {}, t('公众评议'))),
    h('span', { class: 'field-tools' },
      h('button', { class: 'plain', lang: language() === 'zh' ? 'en' : 'zh-Hans', onclick: switchLanguage }, language() === 'zh' ? 'English' : '中文'),
      h('button', { class: 'plain', onclick: () => lock(true) }, t('锁定'))),
    app.data?.demo && h('p', { class: 'demo' }, '演示数据 · ', h('span', { lang: 'en' }, 'Demo data')));
}

function drawBar() {
  show(bar, app.key && app.data ? queueBar(app, { running: isRunning(), send: () => send({ fresh: true }) }) : []);
  clearOfBar();
}

// What gets the focus is scrolled so far that the bar does not lie over it.
function clearOfBar() {
  document.documentElement.style.scrollPaddingBottom = `${bar.offsetHeight + 16}px`;
  document.body.style.paddingBottom = bar.offsetHeight ? `${bar.offsetHeight + 32}px` : '';
}

async function switchLanguage() {
  setLanguage(language() === 'zh' ? 'en' : 'zh');
  await setPlain({ name: 'language', value: language() });
  draw();
}

// ----- acts

export function newKey() {
  return hex(randomBytes(16));
}

// Stores an action before anybody is told that it is kept, then sends it if there is a line.
export async function keep(action) {
  const unit = unitOf(app, action.unit_id);
  await addAction(app.key, { ...action, state: 'waiting', made_at: new Date().toISOString(), whose: unit && whose(app, unit) });
  app.actions = await listActions(app.key);
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register('send')).catch(() => {});
  send();
}

export async function dismiss(action) {
  await removeAction(action.order);
  app.actions = await listActions(app.key);
  draw();
}

export async function send(options = {}) {
  if (!app.key) return;
  drawBarSoon();
  const outcome = await synchronise(app, options);
  if (!app.key) return;
  app.actions = await listActions(app.key);
  app.offline = outcome === 'offline';
  if (outcome && outcome !== 'offline') await refused(outcome, options);
  draw({ onlyLive: true });
}

const drawBarSoon = () => setTimeout(drawBar, 0);

// The server says that this phone may not go on as it is.
async function refused(refusal, options) {
  if (isHandedOver()) return; // nobody's answers are cut off; the next sending is told again
  if (refusal.state === 'closed') {
    const answer = app.pin ? await post('open', { pin: app.pin }) : null;
    if (answer?.ok) {
      app.pin = null;
      send(options);
    } else if (!answer?.offline) {
      if (answer && answer.data.state !== 'wrong_pin') await refused(answer.data, options);
      else lock();
    }
  } else if (refusal.state === 'revoked') {
    ending ||= carryOut(app.key, isHandedOver).finally(() => { ending = null; });
    const handedIn = await ending;
    if (isHandedOver()) return; // begun meanwhile; the next sending is told again
    app.offline = Boolean(handedIn.offline);
    if (handedIn.offline) return;
    forget();
    doors.messageDoor(refusal, handedIn);
  } else if (refusal.state === 'blocked' || refusal.state === 'none') {
    forget();
    doors.messageDoor(refusal);
  } else {
    app.message = refusal;
  }
}

function forget() {
  Object.assign(app, { key: null, pin: null, data: null, actions: [], search: '', fetchedAt: 0, message: null });
  show(bar);
}

// Close the app on this phone, so that the PIN is asked for again; by hand also for a page that is loaded anew.
export async function lock(byHand = false) {
  if (isHandedOver()) return;
  forget();
  location.hash = '';
  if (byHand) await setPlain({ name: 'locked', value: true });
  doors.pinDoor(opened);
  if (byHand) post('close');
}

// The store's key is in hand.
async function opened(key, pin = null) {
  Object.assign(app, { key, pin, openedAt: Date.now() });
  await setPlain({ name: 'locked', value: false });
  app.data = await readData(key);
  app.actions = await listActions(key);
  history.replaceState(null, '', `/field/${location.hash}`);
  draw();
  send({ fresh: true });
}

function tick() {
  if (app.key && Date.now() - app.openedAt > OPEN_FOR) lock();
  else if (app.key) send();
}

async function start() {
  if (!window.isSecureContext || !crypto.subtle || !window.indexedDB) return doors.needsDoor();
  await openStore();
  setLanguage((await getPlain('language'))?.value || 'zh');
  navigator.storage?.persist?.().catch(() => {});
  window.addEventListener('hashchange', () => draw());
  window.addEventListener('resize', clearOfBar);
  window.addEventListener('online', () => send());
  window.addEventListener('offline', () => { app.offline = true; drawBar(); });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && tick());
  setInterval(tick, MINUTE);
  if (navigator.serviceWorker) {
    navigator.serviceWorker.addEventListener('message', (event) => event.data === 'send' && send());
    navigator.serviceWorker.register('/field/sw.js', { scope: '/field/' }).catch(() => {});
  }
  return doors.enter(opened);
}

start().catch(() => doors.needsDoor());
