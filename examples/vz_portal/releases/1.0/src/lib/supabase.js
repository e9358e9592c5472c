import { settings } from './settings.js';

/** What row level security lets the person see. */
export async function rows(table, query) {
  return (await ask(`/rest/v1/${table}?${new URLSearchParams(query)}`)).json();
}

export async function insert(table, row) {
  const asJson = { 'content-type': 'application/json', prefer: 'return=minimal' };
  await ask(`/rest/v1/${table}`, { method: 'POST', headers: asJson, body: JSON.stringify(row) });
}

/** Its path in the bucket. */
export async function upload(bucket, file) {
  const path = `${crypto.randomUUID()}/${encodeURIComponent(file.name)}`;
  await ask(`/storage/v1/object/${bucket}/${path}`, { method: 'POST', headers: { 'content-type': file.type }, body: file });
  return path;
}

/** DigiD is a SAML identity provider of the project. */
export function signInUrl() {
  return `${settings.VITE_SUPABASE_URL}/auth/v1/sso?${new URLSearchParams({ domain: new URL(settings.VITE_DIGID_ENDPOINT).hostname })}`;
}

async function ask(path, { headers = {}, ...more } = {}) {
  const key = settings.VITE_SUPABASE_ANON_KEY;
  const entry = { apikey: key, authorization: `Bearer ${sessionStorage.getItem('access_token') ?? key}` };
  const answer = await fetch(`${settings.VITE_SUPABASE_URL}${path}`, { ...more, headers: { ...entry, ...headers } });
  if (!answer.ok) throw new Error(`${path.split('?')[0]}: ${answer.status}`);
  return answer;
}
