(function () {
  'use strict';
  var root = document.documentElement;
  var remembered = new URLSearchParams(location.hash.slice(1));
  var units = [['day', 86400], ['hour', 3600], ['minute', 60]];
  var watchers = [];

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
    watchers.forEach(function (f) { f(); });
  }

  function speak(language) {
    root.lang = language;
    document.title = root.getAttribute('data-title-' + language);
    document.querySelectorAll('[data-language]').forEach(function (b) {
      b.setAttribute('aria-pressed', String(b.dataset.language === language));
    });
    tell();
  }

  document.getElementById('languages').hidden = false;
  document.querySelectorAll('[data-language]').forEach(function (b) {
    b.addEventListener('click', function () { remember('lang', b.dataset.language); speak(b.dataset.language); });
  });
  document.querySelector('.skip').addEventListener('click', function (e) {
    e.preventDefault(); // the address keeps what was chosen
    document.querySelector(e.currentTarget.getAttribute('href')).focus();
  });
  // For the script of one page: watch is called now and whenever ages are told.
  window.page = {
    remember: remember,
    remembered: function (name) { return remembered.has(name); },
    watch: function (f) { watchers.push(f); f(); },
  };
  var chosen = remembered.get('lang') || navigator.language || '';
  speak(/^ko\b/i.test(chosen) ? 'ko' : 'en');
  setInterval(tell, 15000);
})();
