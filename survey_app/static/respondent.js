/*
 * What a phone with JavaScript adds to a card's pages: a draft that outlives reload and a dead line, a look back that needs no network,
 * sending until the server has acknowledged, reading aloud. Without it, or where it fails, the plain forms do the same work.
 * Old syntax on purpose: WeChat's browser may be Chrome 57, an old iPhone Safari 10.
 */
(function () {
  'use strict';

  var DAY = 24 * 3600 * 1000;
  var PREFIX = 'pingyi-draft-';
  var PATIENCE = 20000; // how long one try may take
  var LONGEST_PAUSE = 30000;
  var main = document.querySelector('main');
  var form = document.getElementById('answers');
  if (!main || !window.addEventListener) { return; }

  function byId(id) { return document.getElementById(id); }
  function each(list, act) { for (var i = 0; i < list.length; i++) { act(list[i], i); } }
  function fill(words, n) { return words.replace('{n}', n); }

  // ---- the draft

  var storage = null;
  try {
    storage = window.localStorage;
    storage.setItem(PREFIX + 'try', '1');
    storage.removeItem(PREFIX + 'try');
  } catch (refused) { storage = null; }

  /* 64 bits of a hash (FNV-1a from two starts): enough to find a card's draft again, too few to tell its token. */
  function hashed(text) {
    var first = 0x811c9dc5, second = 0x2b5e1f37;
    for (var i = 0; i < text.length; i++) {
      first = Math.imul(first ^ text.charCodeAt(i), 0x01000193);
      second = Math.imul(second ^ text.charCodeAt(i), 0x01000193) ^ (second >>> 15);
    }
    return (first >>> 0).toString(36) + (second >>> 0).toString(36);
  }

  var card = /\/r\/([^\/]+)\/?$/.exec(location.pathname);
  var key = card && Math.imul ? PREFIX + hashed(card[1].toUpperCase()) : null;

  function sweep() {
    if (!storage) { return; }
    try {
      for (var i = storage.length - 1; i >= 0; i--) {
        var name = storage.key(i);
        if (name.indexOf(PREFIX) === 0) {
          var kept = null;
          try { kept = JSON.parse(storage.getItem(name)); } catch (damaged) { kept = null; }
          var age = kept ? Date.now() - kept.at : -1;
          if (!(age >= 0 && age < DAY)) { storage.removeItem(name); }
        }
      }
    } catch (refused) { storage = null; }
  }

  function forget() {
    try { if (storage && key) { storage.removeItem(key); } } catch (refused) { storage = null; }
  }

  sweep();
  var state = main.getAttribute('data-state');
  if (state === 'received' || state === 'already' || state === 'late' || state === 'voided') { forget(); }
  if (!form || (state !== 'ready' && state !== 'review')) { return; }

  var keeping = storage && key && main.getAttribute('data-drafts') === 'yes';
  var sheet = byId('sheet');
  var lookBack = byId('look-back');
  var send = byId('send');
  var items = form.querySelectorAll('.item');
  var field = form.elements;
  var sending = ''; // '', 'busy', 'waiting'
  var asked = false; // whether the person has pressed "send"
  var done = false;
  var leaving = false;

  function chosen(item) { return item.querySelector('input:checked'); }

  function given() {
    var answers = {};
    each(items, function (item) {
      var input = chosen(item);
      if (input) { answers[input.name] = input.value; }
    });
    return answers;
  }

  function anything() {
    return sheet ? !!(form.querySelector('.item input:checked') || field.comment.value) : true;
  }

  function keep() {
    if (!keeping || !sheet || done) { return; }
    if (!anything()) { forget(); return; }
    var draft = {
      at: Date.now(), answers: given(), comment: field.comment.value, started: field.started.value,
      size: field.size.value, asked: asked
    };
    try { storage.setItem(key, JSON.stringify(draft)); } catch (full) { keeping = false; }
  }

  function restore() {
    var draft = null;
    try { draft = keeping && JSON.parse(storage.getItem(key)); } catch (damaged) { draft = null; }
    if (!draft || anything()) { return false; } // what the page brought along is newer
    each(items, function (item) {
      each(item.querySelectorAll('input'), function (input) {
        if (draft.answers[input.name] === input.value) { input.checked = true; }
      });
    });
    field.comment.value = draft.comment || '';
    if (draft.started) { field.started.value = draft.started; }
    if (draft.size && !field.size.value) { resize(); }
    return draft;
  }

  // ---- the sheet

  function mark() {
    each(items, function (item) { item.classList.toggle('answered', !!chosen(item)); });
  }

  function resize() {
    var button = byId('type-size'), words = button.textContent;
    var large = document.body.classList.toggle('large');
    button.textContent = button.getAttribute('data-other');
    button.setAttribute('data-other', words);
    button.setAttribute('formaction', large ? '?size=standard' : '?size=large');
    field.size.value = large ? 'large' : '';
  }

  function go(item) {
    var input = item.querySelector('input');
    item.scrollIntoView();
    try { input.focus({ preventScroll: true }); } catch (old) { input.focus(); }
  }

  // ---- the look back

  function line(list, words, answer, style) {
    var row = document.createElement('li'), first = document.createElement('span'), second = document.createElement('span');
    first.textContent = words;
    second.textContent = answer;
    second.className = 'given' + style;
    row.appendChild(first);
    row.appendChild(document.createTextNode(' '));
    row.appendChild(second);
    list.appendChild(row);
  }

  function question(item) { return item.querySelector('legend').lastChild.nodeValue; }
  function number(item) { return item.querySelector('legend b').textContent; }
  function label(input) { return form.querySelector('label[for="' + input.id + '"]').textContent; }

  function fillLookBack() {
    var list = lookBack.querySelector('.review'), skipped = [], box = byId('skipped');
    var words = box.querySelector('p'), numbers = box.querySelector('.numbers');
    list.textContent = numbers.textContent = '';
    each(items, function (item) {
      var input = chosen(item);
      if (!input) { skipped.push(item); }
      line(list, number(item) + '. ' + question(item), input ? label(input) : list.getAttribute('data-none'), input ? '' : ' none');
    });
    if (field.comment.value.trim()) { line(list, list.getAttribute('data-comment'), field.comment.value.trim(), ' words'); }
    each(skipped, function (item) {
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = fill(numbers.getAttribute('data-words'), number(item));
      button.onclick = function () { if (!asked) { back(); go(item); } };
      numbers.appendChild(button);
    });
    words.textContent = fill(words.getAttribute('data-words'), skipped.length);
    box.hidden = !skipped.length;
    byId('all-answered').hidden = !!skipped.length;
  }

  function showLookBack(yes) {
    if (yes) { fillLookBack(); }
    sheet.hidden = yes;
    lookBack.hidden = !yes;
    main.setAttribute('data-state', yes ? 'review' : 'ready');
    hush();
    if (yes) {
      window.scrollTo(0, 0);
      byId('look-back-title').focus();
    }
  }

  function check() {
    if (location.hash === '#check') { showLookBack(true); } else { location.hash = 'check'; }
  }

  function back() {
    history.replaceState(null, '', location.href.split('#')[0]);
    showLookBack(false);
  }

  function turned() {
    if (done) { return; }
    var wanted = location.hash === '#check';
    if (asked && !wanted) { location.hash = 'check'; return; } // what is on its way is not changed any more
    if (wanted === lookBack.hidden) { showLookBack(wanted); }
  }

  // ---- sending

  var box = byId('sending');
  var retry = byId('retry');
  var tries = 0;
  var maybe = false; // whether some try may have arrived although nothing came back
  var timer = null;

  function pairs() {
    var found = [];
    each(field, function (input) {
      var off = (input.type === 'radio' && !input.checked) || input.type === 'submit' || input.type === 'button';
      if (input.name && !off && input.name !== 'step' && input.name !== 'reviewed') {
        found.push(encodeURIComponent(input.name) + '=' + encodeURIComponent(input.value));
      }
    });
    return found.concat('reviewed=1', 'step=send').join('&');
  }

  function say(words, now) {
    var fresh = box.hidden;
    box.hidden = false;
    box.className = now === 'busy' ? 'sending busy' : 'sending';
    var told = box.querySelector('p');
    if (told.textContent !== words) { told.textContent = words; } // said aloud once, not at every try
    retry.hidden = now !== 'waiting';
    send.hidden = now !== 'refused';
    byId('back').hidden = now !== 'refused';
    if (fresh) { box.scrollIntoView(false); }
    main.setAttribute('data-state', now === 'busy' ? 'sending' : now === 'waiting' ? 'unsent' : 'review');
  }

  function attempt() {
    if (sending === 'busy' || done) { return; }
    clearTimeout(timer);
    sending = 'busy';
    tries += 1;
    say(box.getAttribute('data-busy'), 'busy');
    var request = new XMLHttpRequest(), over = false, watch;
    if (navigator.onLine !== false) { maybe = true; }
    function end(reason) {
      if (over) { return; }
      over = true;
      if (reason && !maybe) { reason = 'offline'; }
      clearTimeout(watch);
      sending = '';
      if (reason) { pause(reason); } else { judge(request.status, request.responseText); }
    }
    if (request.upload) { request.upload.onload = function () { maybe = true; }; }
    request.onload = function () { maybe = true; end(''); };
    request.onerror = request.onabort = function () { end('unsure'); };
    watch = setTimeout(function () { end('unsure'); request.abort(); }, PATIENCE);
    try {
      request.open('POST', location.pathname + location.search, true);
      request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
      request.send(pairs());
    } catch (refused) { end('unsure'); }
  }

  function pause(reason) {
    sending = 'waiting';
    say(box.getAttribute('data-' + reason), 'waiting');
    var wait = Math.min(LONGEST_PAUSE, 1000 * Math.pow(2, Math.min(tries, 5)));
    timer = setTimeout(attempt, wait * (0.75 + Math.random() / 2));
  }

  /* Only our own server's word counts: a page of a hotspot or a broken one has no state that we know. */
  function judge(status, text) {
    var page = new DOMParser().parseFromString(text, 'text/html');
    var told = page.querySelector('main[data-state]');
    var word = told ? told.getAttribute('data-state') : '';
    var over = word === 'late' || word === 'voided';
    if (over || (status === 200 && (word === 'received' || word === 'already'))) { forget(); finish(page); return; }
    if (word === 'unknown' || word === 'early') { finish(page); return; }
    if (status < 500 && (word === 'ready' || word === 'review')) { leaving = true; submitPlainly(); return; }
    if (word === 'error' && status >= 400 && status < 500 && status !== 408 && status !== 429) {
      asked = false;
      keep();
      say(told.querySelector('h1').textContent + ': ' + told.querySelector('p').textContent, 'refused');
      return;
    }
    pause('server');
  }

  function submitPlainly() {
    each([['reviewed', '1'], ['step', 'send']], function (pair) {
      var input = document.createElement('input');
      input.type = 'hidden';
      input.name = pair[0];
      input.value = pair[1];
      form.appendChild(input);
    });
    form.submit();
  }

  function finish(page) {
    done = true;
    clearTimeout(timer);
    document.title = page.title;
    main.parentNode.innerHTML = page.querySelector('main').parentNode.innerHTML;
    history.replaceState(null, '', location.href.split('#')[0]);
    window.scrollTo(0, 0);
    var heading = document.querySelector('main h1');
    if (heading) { heading.focus(); }
  }

  function begin() {
    asked = true;
    keep();
    attempt();
  }

  function hurry() { if (sending === 'waiting') { attempt(); } }

  // ---- reading aloud

  var speech = window.speechSynthesis;
  var speaker = null;

  function hush() {
    if (!speaker) { return; }
    speaker.textContent = form.getAttribute('data-say');
    speaker.setAttribute('aria-pressed', 'false');
    speaker = null;
    speech.cancel();
  }

  function voice() {
    var english = document.documentElement.lang === 'en', fit = null;
    each(speech.getVoices() || [], function (one) {
      var tongue = one.lang.replace('_', '-').toLowerCase();
      var fits = english ? tongue.indexOf('en') === 0 : /^(zh|cmn)/.test(tongue) && !/hk/.test(tongue);
      if (fits && !fit) { fit = one; }
    });
    return fit;
  }

  function read(item, button) {
    var again = speaker === button;
    hush();
    if (again) { return; }
    var words = [question(item)];
    each(item.querySelectorAll('label'), function (one) { words.push(one.textContent); });
    var speaking = new SpeechSynthesisUtterance(words.join('。 '));
    speaking.voice = voice();
    speaking.lang = speaking.voice ? speaking.voice.lang : 'zh-CN';
    speaking.rate = 0.9;
    speaking.onend = speaking.onerror = function () { if (speaker === button) { hush(); } };
    speaker = button;
    button.textContent = form.getAttribute('data-hush');
    button.setAttribute('aria-pressed', 'true');
    speech.speak(speaking);
  }

  function offerReading() {
    if (form.querySelector('.say') || !voice()) { return; }
    each(items, function (item) {
      var button = document.createElement('button');
      button.type = 'button';
      button.className = 'say';
      button.textContent = form.getAttribute('data-say');
      button.setAttribute('aria-pressed', 'false');
      button.onclick = function () { read(item, button); };
      item.insertBefore(button, item.querySelector('.answer'));
    });
  }

  // ---- all together

  send.addEventListener('click', function (event) { event.preventDefault(); begin(); });
  retry.addEventListener('click', hurry);
  window.addEventListener('online', hurry);
  document.addEventListener('visibilitychange', function () { if (!document.hidden) { hurry(); } });
  form.addEventListener('submit', function () { leaving = true; });
  window.addEventListener('pageshow', function () { leaving = false; });
  window.addEventListener('pagehide', hush);
  window.addEventListener('beforeunload', function (event) {
    if (done || leaving || !anything()) { return undefined; }
    event.preventDefault();
    event.returnValue = '';
    return '';
  });
  if (!sheet) { return; } // the server's own look back

  document.body.classList.add('scripted');
  form.addEventListener('change', function () { mark(); keep(); });
  field.comment.addEventListener('input', keep);
  each(document.querySelectorAll('[name=step][value=review]'), function (button) {
    button.addEventListener('click', function (event) { event.preventDefault(); check(); });
  });
  byId('type-size').addEventListener('click', function (event) { event.preventDefault(); resize(); keep(); });
  byId('back').addEventListener('click', back);
  byId('afresh').addEventListener('click', function () {
    form.reset();
    each(items, function (item) { var input = chosen(item); if (input) { input.checked = false; } });
    field.comment.value = '';
    byId('restored').hidden = true;
    mark();
    forget();
  });
  window.addEventListener('hashchange', turned);

  var draft = restore();
  mark();
  keep();
  if (draft && draft.asked) {
    showLookBack(true);
    location.hash = 'check';
    begin();
  } else {
    byId('restored').hidden = !draft;
    if (byId('comment-wrong')) { back(); } // the server says what to mend, and says it on the sheet
    else if (anything()) { turned(); }
  }
  try {
    if (speech && window.SpeechSynthesisUtterance) {
      offerReading();
      speech.onvoiceschanged = offerReading;
    }
  } catch (mute) { speech = null; }
}());
