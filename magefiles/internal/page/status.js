(function () {
  'use strict';
  var stale = 60 * 60 * 1000, every = 5 * 60 * 1000;
  var opened = Date.now();
  var reload = document.getElementById('reload');

  reload.hidden = false;
  reload.setAttribute('aria-pressed', String(page.remembered('reload')));
  reload.addEventListener('click', function () {
    var on = reload.getAttribute('aria-pressed') !== 'true';
    reload.setAttribute('aria-pressed', String(on));
    page.remember('reload', on ? '1' : '');
  });
  page.watch(function () {
    var old = Date.now() - new Date(document.getElementById('generated').dateTime) > stale;
    document.getElementById('stale').hidden = !old;
    if (reload.getAttribute('aria-pressed') === 'true' && Date.now() - opened > every) { location.reload(); }
  });
})();
