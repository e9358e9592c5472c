import { el, table } from '../lib/page.js';
import { rows } from '../lib/supabase.js';

export async function render() {
  const found = await rows('applications', { select: 'id,kind,status,submitted_at', order: 'submitted_at.desc' });
  const lines = found.map((each) => [each.kind, each.status, each.submitted_at?.slice(0, 10) ?? 'concept']);
  return el('section', {}, el('h1', {}, 'Aanvragen'), table('Uw aanvragen', ['Soort', 'Stand', 'Ingediend'], lines));
}
