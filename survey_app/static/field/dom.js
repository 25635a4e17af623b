// Elements without a framework. Text only ever becomes a text node, never markup.

const SVG = 'http://www.w3.org/2000/svg';

export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// What had the focus has it again when its like is drawn anew: whoever goes by keyboard stays where they were.
export function show(place, ...children) {
  const held = place.contains(document.activeElement) ? document.activeElement : null;
  const nth = held ? alike(place, held).indexOf(held) : -1;
  place.replaceChildren(...children.flat(Infinity).filter(isSomething));
  if (held) alike(place, held)[nth]?.focus({ preventScroll: true });
}

// The elements of the same kind that lead to the same place.
function alike(place, one) {
  const [id, href] = [one.id, one.getAttribute('href')];
  return [...place.querySelectorAll(one.tagName)].filter((other) => other.id === id && other.getAttribute('href') === href);
}

// A question over the whole screen; resolves to the value of the button that was pressed.
export function ask(text, buttons) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const box = h('div', { class: 'ask', role: 'alertdialog', 'aria-modal': 'true', 'aria-labelledby': 'ask-text' });
    const close = (value) => {
      box.remove();
      before?.focus?.();
      resolve(value);
    };
    box.append(h('div', { class: 'ask-box' },
      h('p', { id: 'ask-text' }, text),
      ...buttons.map(({ label, value, kind }) => h('button', { class: kind || '', onclick: () => close(value) }, label))));
    box.addEventListener('keydown', (event) => keepInside(event, box));
    document.body.append(box);
    box.querySelector('button:last-of-type').focus();
  });
}

function keepInside(event, box) {
  if (event.key !== 'Tab') return;
  const all = [...box.querySelectorAll('button')];
  const at = all.indexOf(document.activeElement);
  all[(at + (event.shiftKey ? all.length - 1 : 1)) % all.length].focus();
  event.preventDefault();
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (isSomething(value)) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter(isSomething));
  return element;
}

function isSomething(value) {
  return value !== null && value !== undefined && value !== false;
}

// A group of big radio buttons; calls chosen(code) on each choice.
export function choices(name, legend, options, chosen, picked = '') {
  return h('fieldset', { class: 'choices' },
    h('legend', {}, legend),
    options.map(({ code, label, hint }) => h('div', { class: 'answer' },
      h('input', {
        type: 'radio', name, id: `${name}-${code}`, value: code, checked: code === picked, autocomplete: 'off',
        onchange: () => chosen(code),
      }),
      h('label', { for: `${name}-${code}` }, h('span', {}, label, hint && h('small', {}, hint))))));
}
