import { el, table } from '../lib/page.js';
import { insert, rows, upload } from '../lib/supabase.js';

export async function render() {
  const found = await rows('documents', { select: 'id,name,uploaded_at', order: 'uploaded_at.desc' });
  const lines = found.map((each) => [each.name, each.uploaded_at.slice(0, 10)]);
  return el('section', {}, el('h1', {}, 'Documenten'), table('Uw documenten', ['Naam', 'Ontvangen'], lines), addition());
}

function addition() {
  const file = el('input', { type: 'file', id: 'file', required: '' });
  const form = el('form', {}, el('label', { for: 'file' }, 'Document bij uw aanvraag'), file, el('button', {}, 'Insturen'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    add(file.files[0]).then(() => location.reload());
  });
  return form;
}

async function add(file) {
  const [application] = await rows('applications', { select: 'id', order: 'submitted_at.desc', limit: 1 });
  const path = await upload('application-documents', file);
  await insert('documents', { application_id: application.id, name: file.name, object_path: path });
}
