// What stands before the app: enrolment, the PIN, and the plain sentences of a phone that may not go on.

import { fromBase64 } from './crypto.js';
import { ask, h, show } from './dom.js';
import { post } from './net.js';
import { carryOut } from './ending.js';
import { countActions, getPlain, makeLock, openWithPin, openWithRecovery, renewLock, setPlain, wipe } from './store.js';
import { inLanguage, t } from './words.js';

const WRONG_PINS = 5;
const SHORT = 6000; // so long a bad line may keep somebody from the list that is on the phone
const place = document.getElementById('app');

// Finds the right door and goes through it where no PIN is needed.
export async function enter(opened) {
  const token = /^\/field\/enrol\/([\w-]+)$/.exec(location.pathname)?.[1];
  if (token) return enrolDoor(opened, token, place.dataset.person || '', Number(place.dataset.personId));
  const lock = await getPlain('lock');
  const shut = (await getPlain('locked'))?.value;
  const answer = await post('resume', {}, lock ? SHORT : undefined);
  if (answer.offline) {
    return lock ? pinDoor(opened) : messageDoor({ zh: '首次使用需要网络，请在有信号时重新打开。', en: 'The first time needs a line; open the app again where there is a signal.' });
  }
  const { data } = answer;
  if (data.state === 'open') {
    const key = !shut && lock && lock.person === data.person_id && await openWithRecovery(lock, fromBase64(data.recovery));
    return key ? opened(key) : pinDoor(opened);
  }
  if (data.state === 'choose_pin') return enrolDoor(opened, null, data.person, data.person_id);
  if (data.state === 'revoked') await wipe();
  return data.state === 'closed' ? pinDoor(opened) : messageDoor(data);
}

export function pinDoor(opened) {
  door(t('请输入 PIN'), [], [pinField('pin', t('6 位数字'))], t('打开'), async (values, say) => {
    const answer = await post('open', { pin: values.pin }, await getPlain('lock') ? SHORT : undefined);
    if (answer.offline) return openOffline(values.pin, opened, say);
    if (answer.data.state === 'open') return pass(values.pin, answer.data, opened, say);
    if (answer.data.state === 'revoked') return revoked(answer.data, values.pin, say);
    if (answer.data.state === 'wrong_pin' || answer.status === 400) return say(inLanguage(answer.data));
    return messageDoor(answer.data);
  });
}

function enrolDoor(opened, token, person, personId) {
  const told = [
    h('p', {}, t('您好，{name}。请为本机设置 6 位数字 PIN，以后用它打开名单。', { name: person })),
    h('p', { class: 'second' }, t('请不要用生日或连续的数字。连续输错 5 次，本机将被锁定。')),
  ];
  const fields = [pinField('pin', t('设置 PIN')), pinField('again', t('再输入一次'))];
  door(t('登记本机'), told, fields, t('完成登记'), async ({ pin, again }, say) => {
    if (pin !== again) return say(t('两次输入不一致，请重新输入。'));
    if (!await mayGo(personId)) return say(t('已取消，本机没有登记，登记码仍可使用。请先由另一位调查员发送其记录，或联系调查队。'));
    const answer = await post('enrol', token ? { pin, token } : { pin });
    if (answer.offline) return say(t('没有收到答复，请在有信号时再试；如果提示链接已用过，请向调查队索取新的登记二维码。'));
    if (!answer.ok) return say(inLanguage(answer.data));
    return pass(pin, answer.data, opened, say, true);
  });
}

// Asks whether what another person keeps on this phone may go, before anything is done for the one who comes.
async function mayGo(personId) {
  const lock = await getPlain('lock');
  const left = lock && lock.person !== personId ? await countActions() : 0;
  return !left || ask(t('本机存有另一位调查员的 {n} 条记录，其中可能有尚未发送的。请先交由其发送；如继续，这些记录将被删除。', { n: left }), [
    { label: t('删除并继续'), value: true, kind: 'danger' }, { label: t('取消'), value: false },
  ]);
}

// The server has accepted the PIN: open the store with it, or put it under the new PIN, or make a new one.
async function pass(pin, { person_id: person, recovery: text }, opened, say, asked = false) {
  const recovery = fromBase64(text);
  const lock = await getPlain('lock');
  if (lock?.person === person) {
    const key = await openWithPin(lock, pin) || await renewLock(lock, pin, recovery);
    if (key) {
      if (lock.wrong) await setPlain({ ...await getPlain('lock'), wrong: 0 });
      return opened(key);
    }
  }
  if (!asked && !await mayGo(person)) return say(t('已取消。请联系调查队。'));
  await wipe();
  return opened(await makeLock(pin, recovery, person));
}

// The PIN still opens what waits here, so that sealed answers need not be lost; a wrong one ends all the same.
async function revoked(refusal, pin, say) {
  const lock = await getPlain('lock');
  const handedIn = await carryOut(lock && await openWithPin(lock, pin));
  return handedIn.offline ? say(t('没有网络，请在有信号时再试。')) : messageDoor(refusal, handedIn);
}

async function openOffline(pin, opened, say) {
  const lock = await getPlain('lock');
  if (!lock) return say(t('首次使用需要网络，请在有信号时再试。'));
  const used = () => say(t('离线时 PIN 已输错 5 次，暂时不能再试。记录没有丢失：请到有网络的地方再输入 PIN；忘记 PIN 的，请向调查队索取新的登记二维码。'));
  if (lock.wrong >= WRONG_PINS) return used();
  // Counted before it is looked at, so that closing the page in between gives no free try.
  await setPlain({ ...lock, wrong: lock.wrong + 1 });
  const key = await openWithPin(lock, pin);
  const left = WRONG_PINS - lock.wrong - 1;
  if (!key) return left ? say(t('PIN 不正确，还可以再试 {n} 次。', { n: left })) : used();
  await setPlain({ ...lock, wrong: 0 });
  return opened(key, pin);
}

// ----- pages

export function messageDoor(sentence, handedIn = null) {
  show(place, h('main', { class: 'door', id: 'main' }, mark(), h('h1', { tabindex: '-1' }, t('公众评议')), h('p', { role: 'alert' }, inLanguage(sentence)),
    handedIn?.all > 0 && h('p', {}, t('本机待发送的密封答卷共 {all} 份，清除前已投入票箱 {n} 份。请告知调查队。', handedIn)),
    h('button', { onclick: () => location.replace('/field/') }, t('重新打开'))));
}

export function needsDoor() {
  show(place, h('main', { class: 'door', id: 'main' }, mark(), h('h1', { tabindex: '-1' }, t('公众评议')),
    h('p', { role: 'alert' }, t('本应用需要较新的浏览器和安全连接（https），并且不能在无痕模式下使用。请更新浏览器，或联系调查队。'))));
}

function door(title, told, fields, label, act) {
  const wrong = h('p', { class: 'wrong', role: 'alert' });
  const button = h('button', { class: 'strong' }, label);
  const say = (text) => {
    wrong.textContent = text;
    for (const field of fields) field.querySelector('input').value = '';
    fields[0].querySelector('input').focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    wrong.textContent = '';
    button.disabled = true;
    const values = Object.fromEntries(fields.map((field) => [field.querySelector('input').id, field.querySelector('input').value]));
    try {
      await act(values, say);
    } catch {
      say(t('未能完成，请再试一次。'));
    } finally {
      button.disabled = false;
    }
  };
  show(place, h('main', { class: 'door', id: 'main' }, mark(), h('h1', { tabindex: '-1' }, title), told,
    h('form', { onsubmit: submit, autocomplete: 'off' }, fields, wrong, button)));
  fields[0].querySelector('input').focus();
}

function pinField(id, label) {
  return h('div', { class: 'field' }, h('label', { for: id }, label), h('input', {
    id, type: 'password', inputmode: 'numeric', autocomplete: 'off', maxlength: '6', pattern: '[0-9]{6}', required: true, class: 'pin',
  }));
}

const mark = () => h('img', { src: '/static/mark.svg', alt: '', width: '64', height: '64' });
