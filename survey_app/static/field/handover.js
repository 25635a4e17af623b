// Hand-over: a respondent answers on the investigator's phone. One item stands on the screen at a time and an answer once given is never shown
// again, to nobody; leaving discards all. The answers are numbers in one array that is overwritten as soon as they are sealed.

import { go, keep, newKey } from './app.js';
import { fromBase64, toBase64 } from './crypto.js';
import { ask, choices, h, show } from './dom.js';
import { minutesBand, padded, seal } from './seal.js';
import { isSealedHere, roundOf, unitOf } from './state.js';
import { gone } from './unit.js';
import { label, language, setLanguage, t } from './words.js';

const COMMENT_LENGTH = 500; // as on the respondent's own page
let session = null;

export const isHandedOver = () => session !== null;

export function handOver(app, id) {
  const unit = unitOf(app, Number(id));
  if (!unit?.card || unit.answered || isSealedHere(app, unit)) return gone();
  const round = roundOf(app, unit);
  const form = round.questionnaires[unit.group];
  return h('main', { id: 'main', class: 'handover' },
    h('h1', { tabindex: '-1' }, label(form.title)),
    h('p', {}, label(form.intro)),
    unit.who && h('p', {}, label(unit.who)),
    h('div', { class: 'notice' }, h('p', {}, t('答案在本机立即密封，调查员看不到，也不能返回查看。'))),
    h('p', { class: 'second' }, t('调查员：请把手机交给对方并回避。中途离开，答案作废。')),
    h('button', { class: 'strong', onclick: () => begin(app, unit, round, form) }, t('开始作答')),
    h('button', { onclick: () => go(`#unit/${unit.id}`) }, t('返回')));
}

function begin(app, unit, round, form) {
  session = {
    app, unit, round, form, place: document.getElementById('app'), began: Date.now(), at: 0, choice: 0, comment: '', asking: false, sealing: false,
    answers: new Uint8Array(form.items.length), language: language(),
  };
  document.getElementById('bar').hidden = true;
  history.pushState(null, '', '#answering');
  window.addEventListener('popstate', stay);
  window.addEventListener('pagehide', discard);
  document.addEventListener('visibilitychange', cover);
  document.documentElement.requestFullscreen?.().catch(() => {});
  draw();
}

// ----- leaving

function stay() {
  if (!session) return;
  if (session.done) return session.done();
  history.pushState(null, '', '#answering');
  leave();
}

async function leave() {
  if (session.asking || session.sealing) return;
  const current = session;
  current.asking = true;
  blank();
  const sure = await ask(t('现在离开，已选的答案全部作废。'), [
    { label: t('离开并作废'), value: true, kind: 'danger' }, { label: t('继续作答'), value: false, kind: 'strong' },
  ]);
  current.asking = false;
  if (session !== current) return;
  if (sure) end(`#unit/${current.unit.id}`);
  else draw();
}

// Another app, a locked screen, a call: nothing stays to be seen, and what was picked but not confirmed is dropped.
function cover() {
  if (!session || document.visibilityState === 'visible' || session.sealing || session.asking || session.done) return;
  blank();
  show(session.place, h('main', { id: 'main', class: 'handover' },
    h('h1', { tabindex: '-1' }, t('作答被打断')), h('p', {}, t('请由作答人本人继续。已选的答案不再显示。')),
    h('button', { class: 'strong', onclick: draw }, t('继续作答')), h('button', { onclick: leave }, t('离开并作废'))));
}

function blank() {
  session.choice = 0;
  show(session.place);
}

function discard() {
  if (session) end('');
}

// Overwrites what is in memory and gives the phone back.
function end(hash) {
  const { place, answers, language: before } = session;
  answers.fill(0);
  session.comment = '';
  session = null;
  show(place);
  window.removeEventListener('popstate', stay);
  window.removeEventListener('pagehide', discard);
  document.removeEventListener('visibilitychange', cover);
  document.getElementById('bar').hidden = false;
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  setLanguage(before);
  history.replaceState(null, '', '#');
  if (hash) go(hash);
}

// ----- answering

function draw() {
  const { place, at, form } = session;
  document.body.className = 'big phone large';
  show(place, h('main', { id: 'main', class: 'handover' }, tools(), at < form.items.length ? item() : last()));
  window.scrollTo(0, 0);
  place.querySelector('h1')?.focus();
}

function tools() {
  return h('div', { class: 'tools' },
    h('button', { class: 'plain', lang: language() === 'zh' ? 'en' : 'zh-Hans', onclick: () => { setLanguage(language() === 'zh' ? 'en' : 'zh'); session.choice = 0; draw(); } },
      language() === 'zh' ? 'English' : '中文'),
    h('button', { class: 'plain', onclick: leave }, t('不答了')));
}

function item() {
  const { at, form, answers } = session;
  const count = form.items.length;
  const given = () => (session.choice ? t('下一题') : answers[at] ? t('保留原答案，下一题') : t('跳过此题'));
  const next = h('button', { class: 'strong', onclick: () => move(1) }, given());
  const options = form.answers.map((one) => ({ code: one.code, label: label(one.label) }));
  return [
    h('progress', { max: count, value: at, 'aria-label': t('进度') }),
    h('h1', { tabindex: '-1', class: 'item-number' }, t('第 {n} 题，共 {all} 题', { n: at + 1, all: count })),
    choices('answer', label(form.items[at].text), options, (code) => {
      session.choice = 1 + form.answers.findIndex((one) => one.code === code);
      next.textContent = given();
    }),
    answers[at] ? h('p', { class: 'second' }, t('此题已答；为了保密，选过的不再显示。')) : null,
    next,
    at > 0 && h('button', { onclick: () => move(-1) }, t('上一题')),
  ];
}

function move(step) {
  if (session.choice && step > 0) session.answers[session.at] = session.choice;
  session.choice = 0;
  session.at += step;
  draw();
}

function last() {
  const { form, answers } = session;
  const skipped = [...answers.keys()].filter((index) => !answers[index]);
  const wrong = h('p', { class: 'wrong', role: 'alert' });
  const comment = h('textarea', { id: 'comment', rows: '4', maxlength: String(COMMENT_LENGTH), autocomplete: 'off', spellcheck: 'false' });
  comment.addEventListener('input', () => { session.comment = comment.value; });
  return [
    h('h1', { tabindex: '-1' }, t('答完了')),
    skipped.length
      ? h('div', { class: 'notice warning' }, h('p', {}, skipped.length === answers.length ? t('没有选择任何答案。')
        : t('没有作答：{list}。可以补答，也可以不答。', { list: inWords(skipped) })))
      : h('p', {}, t('所有题都已作答。')),
    skipped.length ? h('button', { onclick: () => { session.at = skipped[0]; draw(); } }, t('补答')) : null,
    form.comment && h('div', { class: 'field' }, h('label', { for: 'comment' }, label(form.comment)),
      session.comment && h('span', { class: 'hint' }, t('已写的留言保留着，为了保密不再显示；重写会替换它。')), comment),
    wrong,
    h('button', { class: 'strong', onclick: (event) => put(event.currentTarget, comment, wrong) }, t('密封并提交')),
    h('button', { onclick: () => move(-1) }, t('上一题')),
  ];
}

function inWords(skipped) {
  return skipped.map((index) => t('第 {n} 题', { n: index + 1 })).join(language() === 'en' ? ', ' : '、');
}

async function put(button, comment, wrong) {
  const current = session;
  const { unit, round, form, answers, began } = current;
  button.disabled = true;
  wrong.textContent = '';
  current.sealing = true;
  const plain = padded({
    items: form.items.map((one) => one.id), codes: form.answers.map((one) => one.code), answers, comment: current.comment,
    minutes: minutesBand((Date.now() - began) / 1000),
  });
  try {
    if (!plain) {
      wrong.textContent = t('留言太长，请缩短。');
      return;
    }
    const inner = await seal(fromBase64(round.public_key), `pingyi-handover/1|${round.code}`, plain);
    await keep({ key: newKey(), kind: 'ballot', unit_id: unit.id, token: unit.card.token, inner: toBase64(inner) });
    answers.fill(0);
    comment.value = '';
    current.comment = '';
    thank();
  } catch {
    wrong.textContent = t('未能保存，请再试一次。');
  } finally {
    plain?.fill(0);
    current.sealing = false;
    button.disabled = false;
  }
}

function thank() {
  const { place, unit } = session;
  const finish = () => end(`#unit/${unit.id}/visit/completed`);
  session.done = finish;
  show(place, h('main', { id: 'main', class: 'handover thanks' },
    h('h1', { tabindex: '-1' }, t('谢谢您')), h('p', {}, t('您的答卷已密封并存入本机，联网后送入票箱；在本机谁也打不开。')),
    h('div', { class: 'receipt' }, h('p', {}, t('回执')), h('p', { class: 'code' }, unit.card.receipt),
      h('p', {}, t('可以抄下。截止后凭它可查到答卷确在票箱中；它看不出您答了什么。'))),
    h('button', { class: 'strong', onclick: finish }, t('交还手机'))));
  place.querySelector('h1').focus();
}
