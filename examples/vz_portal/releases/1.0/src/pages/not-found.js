import { el } from '../lib/page.js';

export function render() {
  return el('section', {}, el('h1', {}, 'Niet gevonden'), el('p', {}, 'Deze pagina is er niet.'));
}
