// What waits to be sent: always in sight at the bottom, and as a page of its own.

import { dismiss } from './app.js';
import { h } from './dom.js';
import { whose } from './list.js';
import { clockTime, dateTime, told, unitOf, waiting } from './state.js';
import { back } from './unit.js';
import { inLanguage, label, language, t } from './words.js';

const KINDS = { visit: '访问记录', release: '替换申请', ballot: '密封答卷' };

export function queueBar(app, { running, send }) {
  const number = waiting(app).length;
  const notes = told(app).length;
  const status = running ? t('正在发送……') : app.offline ? t('没有网络，有信号时自动发送') : app.fetchedAt
    ? t('{time} 已更新', { time: clockTime(app.fetchedAt, language()) }) : '';
  return h('div', { class: 'bar-row' },
    h('a', { href: '#queue' }, heads(notes, number), h('small', {}, status)),
    h('button', { onclick: () => running || send(), 'aria-disabled': running && 'true' }, t('立即发送')));
}

// What needs looking at comes first; that all is sent is said only where nothing does.
function heads(notes, number) {
  const sending = number ? t('待发送 {n} 条', { n: number }) : t('全部已发送');
  if (!notes) return h('strong', {}, sending);
  return [h('strong', { class: 'note' }, t('有 {n} 条需要您看', { n: notes })), number > 0 && h('span', {}, sending)];
}

export function queueScreen(app) {
  const sendable = waiting(app);
  const noted = told(app);
  return h('main', { id: 'main' },
    back(),
    h('h1', { tabindex: '-1' }, noted.length ? t('有 {n} 条需要您看', { n: noted.length }) : t('待发送')),
    noted.map((action) => h('div', { class: `notice ${action.state === 'refused' ? 'error' : ''}` },
      h('p', {}, h('strong', {}, title(app, action)), h('br'), inLanguage(action)),
      h('button', { onclick: () => dismiss(action) }, t('知道了')))),
    sendable.length > 0 && noted.length > 0 && h('h2', {}, t('待发送')),
    sendable.length
      ? h('ul', { class: 'queue' }, sendable.map((action) => h('li', {}, h('strong', {}, title(app, action)), h('br'), h('small', {}, dateTime(action.made_at, language())))))
      : !noted.length && h('p', { class: 'empty' }, t('没有待发送的记录。')),
    h('p', { class: 'second' }, t('记录已加密保存在本机，关闭应用也不会丢失；打开应用且有网络时自动发送。')));
}

// Whose it is was kept with the action: the unit may have gone from the list since.
function title(app, action) {
  const what = action.kind === 'visit' ? app.data.outcomes.find((one) => one.code === action.outcome)
    : action.kind === 'release' ? app.data.reasons.find((one) => one.code === action.reason) : null;
  const unit = unitOf(app, action.unit_id);
  const household = unit ? whose(app, unit) : action.whose;
  return [household && label(household), t(KINDS[action.kind]), what && label(what)].filter(Boolean).join(' · ');
}
