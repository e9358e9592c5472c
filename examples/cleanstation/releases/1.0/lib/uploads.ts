import { put } from '@vercel/blob';

const ALLOWED = new Set((process.env.ALLOWED_FILE_TYPES ?? '').split(','));
const MOST = Number(process.env.MAX_FILE_SIZE);

export async function keep(file: File) {
  if (!ALLOWED.has(file.type)) throw new Error(`Files of the type ${file.type} are not taken.`);
  if (file.size > MOST) throw new Error(`The file is larger than ${MOST} bytes.`);
  return put(`documents/${file.name}`, file, { access: 'public', addRandomSuffix: true });
}
