import { isOn } from './lib/features.js';
import { show } from './lib/page.js';
import { RELEASE } from './lib/version.js';

// Each page is a file of its own, fetched when somebody opens it: a tab that stays open needs the old ones after a release.
const pages = {
  '/': () => import('./pages/home.js'),
  '/aanvragen': () => import('./pages/applications.js'),
  '/documenten': () => import('./pages/documents.js'),
};

async function open(path) {
  const load = pages[path] ?? (() => import('./pages/not-found.js'));
  try {
    show(await (await load()).render());
  } catch (error) {
    if (isOn('DEBUG')) console.error(error);
    show((await import('./pages/failed.js')).render());
  }
}

function follow(event) {
  const link = event.target.closest('a[href^="/"]');
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  history.pushState({}, '', link.href);
  open(location.pathname);
}

document.getElementById('release').textContent = `Versie ${RELEASE}`;
document.addEventListener('click', follow);
addEventListener('popstate', () => open(location.pathname));
open(location.pathname);
