import { isOn } from '../lib/features.js';
import { el } from '../lib/page.js';
import { signInUrl } from '../lib/supabase.js';

export async function render() {
  const enter = isOn('MOCK_AUTH')
    ? el('p', { class: 'notice' }, 'Ontwikkelomgeving: u bent aangemeld als proefgebruiker.')
    : el('p', {}, el('a', { href: signInUrl() }, 'Inloggen met DigiD'));
  const help = el('p', {}, 'Vragen? Bel 14 070, op werkdagen van 8 tot 17 uur.');
  return el('section', {}, el('h1', {}, 'Welkom'), el('p', {}, 'Dien een aanvraag in, volg haar en vul haar aan.'), enter, help);
}
