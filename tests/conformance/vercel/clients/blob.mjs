// Everything that @vercel/blob does to a store, once; prints what came of it as JSON.
import { BlobAccessError, BlobNotFoundError, BlobPreconditionFailedError, copy, del, head, list, put } from '@vercel/blob';

const access = 'private';
const named = async (call) => {
  try {
    await call();
    return 'nothing';
  } catch (error) {
    return [BlobAccessError, BlobNotFoundError, BlobPreconditionFailedError].find((kind) => error instanceof kind)?.name ?? error.message;
  }
};

const big = Buffer.alloc(9 * 1024 * 1024, 'b');
const first = await put('folder/a.txt', 'text', { access });
const parts = await put('big.bin', big, { access, multipart: true });
const suffixed = await put('folder/a.txt', 'text', { access, addRandomSuffix: true });
const copied = await copy(first.url, 'copy.txt', { access });
const page = await list({ limit: 2 });
const rest = await list({ cursor: page.cursor });
const folded = await list({ mode: 'folded' });
const facts = {
  url: first.url,
  size: (await head(parts.url)).size,
  suffixed: suffixed.pathname !== 'folder/a.txt',
  copied: copied.pathname,
  pages: [page.blobs.length, page.hasMore, rest.blobs.length, rest.hasMore],
  folders: folded.folders,
  again: await named(() => put('folder/a.txt', 'other', { access })),
  condition: await named(() => put('folder/a.txt', 'other', { access, ifMatch: '"wrong"', allowOverwrite: true })),
  fits: (await put('folder/a.txt', 'other', { access, ifMatch: first.etag, allowOverwrite: true })).pathname,
  nothing: await named(() => head('nobody.txt')),
  stranger: await named(() => list({ token: process.env.BLOB_READ_WRITE_TOKEN + 'x' })),
};
await del([first.url, copied.url]);
facts.left = (await list()).blobs.map((blob) => blob.pathname).sort();
console.log(JSON.stringify(facts));
