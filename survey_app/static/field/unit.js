// One unit: how to find it, what can be done there, what was done; and its QR code over the whole screen.

import { go } from './app.js';
import { fromBase64 } from './crypto.js';
import { h, svg } from './dom.js';
import { unitNumber } from './list.js';
import { dateTime, isAskedHere, isSealedHere, roundName, standing, told, unitOf, visitsOf } from './state.js';
import { inLanguage, label, language, t } from './words.js';

const QUIET_ZONE = 4;

export function unitScreen(app, id) {
  const unit = unitOf(app, Number(id));
  if (!unit) return gone();
  const state = standing(app, unit);
  const round = roundName(app, unit);
  return h('main', { id: 'main' },
    back(),
    h('h1', { tabindex: '-1' }, unit.name),
    h('p', { class: 'where' }, [unit.township, unit.place, unit.address].filter(Boolean).join(' '), h('br'),
      h('small', {}, unitNumber(app, unit)), round && [h('br'), h('small', { class: 'round' }, round)]),
    unit.phone && h('a', { class: 'button', href: `tel:${unit.phone}` }, `☎ ${unit.phone}`),
    notices(app, unit, state),
    acts(app, unit),
    history(app, unit));
}

function notices(app, unit, state) {
  const refused = told(app).filter((action) => action.unit_id === unit.id).map((action) => inLanguage(action));
  const release = unit.release;
  return [
    h('p', { class: `state-line ${state.kind}` }, `${state.mark} ${t(state.word)}`, state.at && ` ${dateTime(state.at, language())}`),
    release?.state === 'refused' && !isAskedHere(app, unit)
      && h('div', { class: 'notice warning' }, h('p', {}, t('督导员未同意替换：{said}', { said: release.said }))),
    refused.map((text) => h('div', { class: 'notice error' }, h('p', {}, text), h('a', { href: '#queue' }, t('查看待发送')))),
  ];
}

function acts(app, unit) {
  if (unit.given_up) return h('p', {}, unit.release?.released ? t('此单元已由备用样本替换。') : t('此单元已放弃，没有可用的备用样本。'));
  const answered = unit.answered || isSealedHere(app, unit);
  const open = !answered && unit.card;
  return [
    open && unit.who && h('p', {}, label(unit.who)),
    open && [
      h('a', { class: 'button strong', href: `#unit/${unit.id}/qr` }, t('出示二维码')),
      h('a', { class: 'button', href: `#unit/${unit.id}/answer` }, t('请对方在本机作答')),
    ],
    !answered && !unit.card && h('div', { class: 'notice warning' }, h('p', {}, t('此单元现在没有答卷卡。'))),
    h('a', { class: 'button', href: `#unit/${unit.id}/visit` }, t('记录访问')),
    !answered && h('a', { class: 'button', href: `#unit/${unit.id}/release` }, t('申请替换')),
  ];
}

function history(app, unit) {
  const visits = visitsOf(app, unit);
  const word = (list, code) => label(list.find((one) => one.code === code) || { zh: code, en: code });
  return [
    h('h2', {}, t('访问记录')),
    visits.length ? h('ol', { class: 'visits' }, visits.map((visit) => h('li', {},
      h('strong', {}, dateTime(visit.at, language())), h('br'), `${word(app.data.outcomes, visit.outcome)} · ${word(app.data.others, visit.others)}`,
      visit.appointment && [h('br'), t('约定：{when}', { when: dateTime(visit.appointment, language()) })],
      visit.doubtful && [h('br'), h('small', {}, t('当时手机时钟不准，时间存疑'))],
      visit.waiting && [h('br'), h('small', {}, t('待发送'))]))) : h('p', { class: 'empty' }, t('还没有访问记录。')),
  ];
}

export function qrScreen(app, id) {
  const unit = unitOf(app, Number(id));
  if (!unit?.card) return gone();
  document.body.classList.add('white');
  keepAwake();
  return h('main', { id: 'main', class: 'qr-screen' },
    h('h1', { tabindex: '-1', class: 'hidden' }, t('二维码')),
    qrPicture(unit.card.qr),
    h('p', { class: 'typed' }, t('或在 {host} 输入', { host: new URL(unit.card.link).host }), h('br'), h('strong', {}, unit.card.code)),
    unit.who && h('p', {}, label(unit.who)),
    h('p', { class: 'second' }, t('请把屏幕调亮。对方扫码后请回避，不要看其作答。')),
    h('button', { onclick: () => go(`#unit/${unit.id}`) }, t('返回')));
}

function qrPicture({ size, bits }) {
  const bytes = fromBase64(bits);
  const first = bytes.length * 8 - size * size; // the bits stand at the end of the bytes
  let path = '';
  for (let place = 0; place < size * size; place += 1) {
    const bit = first + place;
    if (bytes[bit >> 3] & (128 >> (bit & 7))) path += `M${(place % size) + QUIET_ZONE} ${Math.floor(place / size) + QUIET_ZONE}h1v1h-1z`;
  }
  const whole = size + 2 * QUIET_ZONE;
  return svg('svg', { class: 'qr', viewBox: `0 0 ${whole} ${whole}`, role: 'img', 'aria-label': 'QR', 'shape-rendering': 'crispEdges' },
    svg('rect', { width: whole, height: whole, fill: '#fff' }), svg('path', { fill: '#000', d: path }));
}

function keepAwake() {
  navigator.wakeLock?.request('screen').then((held) => {
    window.addEventListener('hashchange', () => held.release(), { once: true });
  }).catch(() => {});
}

export const back = (hash = '#', text = t('返回名单')) => h('p', { class: 'crumbs' }, h('a', { href: hash }, `‹ ${text}`));

export const gone = () => h('main', { id: 'main' }, back(), h('h1', { tabindex: '-1' }, t('不在名单中')), h('p', {}, t('这个单元不在您的名单中。')));

