// What the stored data and the queue together say of each unit and of the whole.

const CLOCK = 'Asia/Shanghai';
const DAY = new Intl.DateTimeFormat('en-CA', { timeZone: CLOCK, year: 'numeric', month: '2-digit', day: '2-digit' });
const HOUR = new Intl.DateTimeFormat('en-GB', { timeZone: CLOCK, hour: '2-digit', hourCycle: 'h23' });

export const TODO = 'todo';
export const APPOINTMENT = 'appointment';
export const DONE = 'done';

export const unitOf = (app, id) => app.data.units.find((unit) => unit.id === id);
export const roundOf = (app, unit) => app.data.rounds.find((round) => round.id === unit.round);
// What the unit's round is called, where the phone holds units of several rounds; nothing where there is but one.
export const roundName = (app, unit) => (app.data.units.some((other) => other.round !== unit.round) ? roundOf(app, unit).name : '');
export const actionsOf = (app, unit) => app.actions.filter((action) => action.unit_id === unit.id);
export const waiting = (app) => app.actions.filter((action) => action.state === 'waiting');
export const told = (app) => app.actions.filter((action) => action.state === 'refused' || action.state === 'told');

// What counts as done though the list from the server does not tell of it yet: it waits here, or the server has taken it since.
const isDone = (action, kind) => action.kind === kind && (action.state === 'waiting' || action.state === 'taken');

// The visits that the list knows and those that it does not know yet, in the order of their times.
export function visitsOf(app, unit) {
  const known = new Set(unit.visits.map((visit) => visit.key));
  const here = actionsOf(app, unit)
    .filter((action) => isDone(action, 'visit') && !known.has(action.key))
    .map((action) => ({
      key: action.key, at: action.visited_at, outcome: action.outcome, others: action.others_present,
      appointment: action.appointment_at, waiting: action.state === 'waiting',
    }));
  return [...unit.visits, ...here].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

export const isSealedHere = (app, unit) => actionsOf(app, unit).some((action) => isDone(action, 'ballot'));
export const isAskedHere = (app, unit) => actionsOf(app, unit).some((action) => isDone(action, 'release'));
const waitsHere = (app, unit, kind) => waiting(app).some((action) => action.unit_id === unit.id && action.kind === kind);

// {kind: the filter it stands under, word: what the list says, mark: its sign, at: an appointment's time}
export function standing(app, unit) {
  if (unit.answered) return { kind: DONE, word: '已答', mark: '✓' };
  if (isSealedHere(app, unit)) return { kind: DONE, word: waitsHere(app, unit, 'ballot') ? '已答，待发送' : '已答', mark: '✓' };
  if (unit.given_up) return { kind: DONE, word: '已替换', mark: '✕' };
  if (isAskedHere(app, unit)) return { kind: DONE, word: waitsHere(app, unit, 'release') ? '替换申请待发送' : '替换待审核', mark: '…' };
  if (unit.release?.state === 'waiting') return { kind: DONE, word: '替换待审核', mark: '…' };
  const visits = visitsOf(app, unit);
  const last = visits[visits.length - 1];
  if (last?.appointment) return { kind: APPOINTMENT, word: '已预约', mark: '◷', at: last.appointment };
  return last ? { kind: TODO, word: '待再访', mark: '○' } : { kind: TODO, word: '待访', mark: '○' };
}

// How far the visits have come towards the rule for "not found": by the county's clock, each moment once.
export function ruleState(app, unit) {
  const { rule } = app.data;
  const times = [...new Set(visitsOf(app, unit).map((visit) => visit.at))].map((at) => new Date(at));
  const days = new Set(times.map((time) => DAY.format(time)));
  const late = times.some((time) => Number(HOUR.format(time)) >= rule.evening || isWeekend(time));
  return {
    visits: times.length, days: days.size, late, holds: times.length >= rule.visits && days.size >= rule.days && late,
  };
}

function isWeekend(time) {
  const [year, month, day] = DAY.format(time).split('-').map(Number);
  return [0, 6].includes(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
}

export function dateTime(at, lang) {
  const options = { timeZone: CLOCK, month: 'short', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : 'zh-CN', options).format(new Date(at));
}

export function clockTime(at, lang) {
  const options = { timeZone: CLOCK, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : 'zh-CN', options).format(new Date(at));
}
