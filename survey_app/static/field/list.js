// The list by village: what is to do, told by word and sign.

import { h } from './dom.js';
import { APPOINTMENT, DONE, TODO, dateTime, roundName, standing } from './state.js';
import { inLanguage, inTheLanguage, label, language, t } from './words.js';

const FILTERS = [[TODO, '待办'], [APPOINTMENT, '预约'], [DONE, '已完成'], ['all', '全部']];

export function listScreen(app) {
  const all = app.data.units.map((unit) => ({ unit, ...standing(app, unit) }));
  const list = h('div', {}, villages(app, all));
  const redraw = () => list.replaceChildren(...villages(app, all));
  return h('main', { id: 'main' },
    h('h1', { tabindex: '-1' }, t('我的名单')),
    app.message && h('div', { class: 'notice error', role: 'alert' }, h('p', {}, inLanguage(app.message))),
    filters(app, all, redraw),
    h('div', { class: 'field' }, h('label', { for: 'search' }, t('查找姓名、地址或编号')), h('input', {
      id: 'search', type: 'search', autocomplete: 'off', value: app.search,
      oninput: (event) => { app.search = event.target.value; redraw(); },
    })),
    list);
}

function filters(app, all, redraw) {
  const row = h('div', { class: 'filters', role: 'group', 'aria-label': t('筛选') });
  row.append(...FILTERS.map(([kind, word]) => h('button', {
    class: 'filter', 'aria-pressed': String(app.filter === kind),
    onclick: (event) => {
      app.filter = kind;
      for (const button of row.children) button.setAttribute('aria-pressed', String(button === event.currentTarget));
      redraw();
    },
  }, `${t(word)} ${kind === 'all' ? all.length : all.filter((one) => one.kind === kind).length}`)));
  return row;
}

function villages(app, all) {
  const found = all.filter((one) => (app.filter === 'all' || one.kind === app.filter) && matches(app, one.unit));
  if (app.filter === APPOINTMENT) found.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const places = new Map();
  for (const one of found) {
    const code = `${one.unit.round}/${one.unit.place_code}`;
    if (!places.has(code)) places.set(code, []);
    places.get(code).push(one);
  }
  if (!found.length) {
    return [h('p', { class: 'empty' }, all.length ? t('这里没有单元。') : t('现在没有分配给您的样本。'))];
  }
  return [...places.values()].map((units) => village(app, units, all));
}

function village(app, units, all) {
  const first = units[0].unit;
  const whole = all.filter((one) => one.unit.round === first.round && one.unit.place_code === first.place_code);
  const done = whole.filter((one) => one.kind === DONE).length;
  const round = roundName(app, first);
  return h('section', {},
    h('h2', { class: 'village' },
      h('span', {}, `${first.township} ${first.place || groupLabel(app, first)}`, round && h('small', { class: 'round' }, round)),
      h('small', {}, `${done} / ${whole.length}`)),
    h('ul', { class: 'units' }, units.map((one) => h('li', {}, row(app, one)))));
}

function row(app, { unit, kind, word, mark, at }) {
  return h('a', { href: `#unit/${unit.id}`, class: `unit ${kind}` },
    h('span', { class: 'unit-name' }, h('strong', {}, unit.name), ' ', h('small', {}, unitNumber(app, unit)),
      unit.address && h('small', { class: 'address' }, unit.address)),
    h('span', { class: 'state' }, h('span', { 'aria-hidden': 'true' }, mark), ' ', t(word), at && h('small', {}, dateTime(at, language()))));
}

export function groupLabel(app, unit) {
  return label(app.data.rounds.find((round) => round.id === unit.round).groups[unit.group]);
}

export function unitNumber(app, unit) {
  return `${groupLabel(app, unit)} ${unit.sequence}${unit.role === 'reserve' ? ` ${t('备用')}` : ''}`;
}

// A unit in both languages, such as "农村居民 12 刘某（桃源镇 竹园村）", for when it has gone from the list.
export function whose(app, unit) {
  const named = (lang) => {
    const { groups } = app.data.rounds.find((round) => round.id === unit.round);
    const number = `${groups[unit.group][lang] || groups[unit.group].zh} ${unit.sequence}`;
    const reserve = unit.role === 'reserve' ? ` ${inTheLanguage('备用', lang)}` : '';
    const place = [unit.township, unit.place].filter(Boolean).join(' ');
    return lang === 'en' ? `${number}${reserve} ${unit.name} (${place})` : `${number}${reserve} ${unit.name}（${place}）`;
  };
  return { zh: named('zh'), en: named('en') };
}

function matches(app, unit) {
  const wanted = app.search.trim().toLowerCase();
  return !wanted || [unit.name, unit.address, unit.place, unit.phone, String(unit.sequence)].some((text) => text.toLowerCase().includes(wanted));
}
