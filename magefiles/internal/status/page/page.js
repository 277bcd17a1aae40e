(function () {
  'use strict';
  var root = document.documentElement;
  var stale = 60 * 60 * 1000, every = 5 * 60 * 1000;
  var opened = Date.now();
  var remembered = new URLSearchParams(location.hash.slice(1));
  var reload = document.getElementById('reload');
  var units = [['day', 86400], ['hour', 3600], ['minute', 60]];

  // What the reader chose stands in the address, so that a wall keeps it.
  function remember(name, value) {
    if (value) { remembered.set(name, value); } else { remembered.delete(name); }
    try { history.replaceState(null, '', '#' + remembered); } catch (e) { /* a frame that may not */ }
  }

  function ago(then) {
    var seconds = Math.round((then - Date.now()) / 1000);
    var words = new Intl.RelativeTimeFormat(root.lang, { numeric: 'always' });
    for (var i = 0; i < units.length; i++) {
      if (Math.abs(seconds) >= units[i][1]) { return words.format(Math.trunc(seconds / units[i][1]), units[i][0]); }
    }
    return root.lang === 'ko' ? '방금 전' : 'just now';
  }

  function tell() {
    document.querySelectorAll('time[data-age]').forEach(function (e) {
      var then = new Date(e.dateTime);
      e.textContent = ago(then);
      e.title = then.toLocaleString(root.lang);
    });
    var old = Date.now() - new Date(document.getElementById('generated').dateTime) > stale;
    document.getElementById('stale').hidden = !old;
    if (reload.getAttribute('aria-pressed') === 'true' && Date.now() - opened > every) { location.reload(); }
  }

  function speak(language) {
    root.lang = language;
    document.title = root.getAttribute('data-title-' + language);
    document.querySelectorAll('[data-language]').forEach(function (b) {
      b.setAttribute('aria-pressed', String(b.dataset.language === language));
    });
    tell();
  }

  document.querySelectorAll('[data-language]').forEach(function (b) {
    b.addEventListener('click', function () { remember('lang', b.dataset.language); speak(b.dataset.language); });
  });
  reload.hidden = false;
  reload.setAttribute('aria-pressed', String(remembered.has('reload')));
  reload.addEventListener('click', function () {
    var on = reload.getAttribute('aria-pressed') !== 'true';
    reload.setAttribute('aria-pressed', String(on));
    remember('reload', on ? '1' : '');
  });
  document.querySelector('.skip').addEventListener('click', function (e) {
    e.preventDefault(); // the address keeps what was chosen
    document.getElementById('matrix').focus();
  });
  var chosen = remembered.get('lang') || navigator.language || '';
  speak(/^ko\b/i.test(chosen) ? 'ko' : 'en');
  setInterval(tell, 15000);
})();
