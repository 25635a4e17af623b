// Recording a visit, and asking that a unit be replaced. No free text: it might repeat what somebody said.

import { go, keep, newKey } from './app.js';
import { choices, h } from './dom.js';
import { ruleState, roundOf, unitOf } from './state.js';
import { back, gone } from './unit.js';
import { label, t } from './words.js';

const COUNTY_ZONE = '+08:00';

export function visitScreen(app, id, completed) {
  const unit = unitOf(app, Number(id));
  if (!unit) return gone();
  const chosen = { outcome: completed ? 'completed' : '', others: '' };
  const day = h('input', { type: 'date', id: 'day', autocomplete: 'off' });
  const hour = h('input', { type: 'time', id: 'hour', autocomplete: 'off' });
  const appointment = h('fieldset', { class: 'choices' }, h('legend', {}, t('下次约定时间（没有可不填）')),
    h('div', { class: 'field' }, h('label', { for: 'day' }, t('日期')), day), h('div', { class: 'field' }, h('label', { for: 'hour' }, t('时间')), hour));
  const save = async (say) => {
    if (!chosen.outcome) return say(t('请选择访问结果。'));
    if (!chosen.others) return say(t('请选择在场的其他人。'));
    if (!day.value !== !hour.value) return say(t('请同时填写约定的日期和时间，或都不填。'));
    if (chosen.outcome === 'appointment' && !day.value) return say(t('请填写约定的日期和时间。'));
    const at = day.value ? `${day.value}T${hour.value}:00${COUNTY_ZONE}` : null;
    if (at && Date.parse(at) < earliest(app)) return say(t('约定时间已过，请重新填写。'));
    await keep({
      key: newKey(), kind: 'visit', unit_id: unit.id, outcome: chosen.outcome, others_present: chosen.others,
      visited_at: new Date().toISOString(), appointment_at: at,
    });
    return go(`#unit/${unit.id}`);
  };
  const options = app.data.outcomes.map((one) => ({ code: one.code, label: label(one) }));
  return form(unit, t('记录访问'), t('保存访问'), save,
    choices('outcome', t('访问结果'), options, (code) => { chosen.outcome = code; }, chosen.outcome),
    choices('others', t('在场的其他人'), app.data.others.map((one) => ({ code: one.code, label: label(one) })), (code) => { chosen.others = code; }),
    appointment);
}

// The moment by this phone's clock or by the server's, whichever is earlier: people agree on the right time, whatever a wrong clock says.
const earliest = (app) => Date.now() - Math.max(0, app.data.clock_ahead || 0);

export function releaseScreen(app, id) {
  const unit = unitOf(app, Number(id));
  if (!unit) return gone();
  let reason = '';
  const { rule } = app.data;
  const state = ruleState(app, unit);
  const rest = state.holds ? t('现已满足。') : t('现在是：{visits} 次，{days} 天，{late}。', {
    visits: state.visits, days: state.days, late: state.late ? t('有晚间或周末') : t('没有晚间或周末'),
  });
  const needs = t('规则：至少 {days} 天访问 {visits} 次，其中一次在 {evening}:00 以后或周末。', rule);
  const save = async (say) => {
    const found = app.data.reasons.find((one) => one.code === reason);
    if (!found) return say(t('请选择原因。'));
    if (found.needs_visits && !state.holds) return say(`${needs}${rest}`);
    await keep({ key: newKey(), kind: 'release', unit_id: unit.id, reason, asked_at: new Date().toISOString() });
    return go(`#unit/${unit.id}`);
  };
  const told = roundOf(app, unit).release_rule === 'at_once'
    ? t('符合规则的申请立即启用下一个备用样本，并记录您的姓名和原因。') : t('申请由督导员审核，同意后启用下一个备用样本。');
  return form(unit, t('申请替换'), t('提交申请'), save,
    h('p', {}, told),
    choices('reason', t('原因'), app.data.reasons.map((one) => ({
      code: one.code, label: label(one), hint: one.needs_visits ? rest : null,
    })), (code) => { reason = code; }));
}

function form(unit, title, button, save, ...parts) {
  const wrong = h('p', { class: 'wrong', role: 'alert' });
  const say = (text) => {
    wrong.textContent = text;
    wrong.scrollIntoView({ block: 'center' });
  };
  const send = h('button', { class: 'strong' }, button);
  const submit = async (event) => {
    event.preventDefault();
    wrong.textContent = '';
    send.disabled = true;
    try {
      await save(say);
    } catch {
      say(t('未能保存，请再试一次。'));
    } finally {
      send.disabled = false;
    }
  };
  return h('main', { id: 'main' }, back(`#unit/${unit.id}`, unit.name), h('h1', { tabindex: '-1' }, title), h('form', { onsubmit: submit, novalidate: true }, parts, wrong, send));
}
