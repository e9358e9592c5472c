import { el, table } from '../lib/page.js';
import { rows } from '../lib/supabase.js';

const PRIORITIES = { low: 'laag', normal: 'gewoon', high: 'hoog', urgent: 'spoed' };

export async function render() {
  const query = { select: 'id,kind,status,priority,submitted_at', status: 'neq.closed', order: 'submitted_at.desc' };
  const lines = (await rows('applications', query)).map((each) => [
    each.kind,
    each.status,
    PRIORITIES[each.priority] ?? PRIORITIES.normal,
    each.submitted_at?.slice(0, 10) ?? 'concept',
  ]);
  return el('section', {}, el('h1', {}, 'Aanvragen'), table('Uw aanvragen', ['Soort', 'Stand', 'Voorrang', 'Ingediend'], lines));
}
