import { el } from '../lib/page.js';

export function render() {
  return el('section', {}, el('h1', {}, 'Het lukt nu niet'), el('p', {}, 'Probeer het over een ogenblik opnieuw.'));
}
