const { version } = require('./package.json');

/** Security headers stand in vercel.json, which the inventory writes; this one says which release answers. */
/** @type {import('next').NextConfig} */
module.exports = {
  serverExternalPackages: ['@prisma/client'],
  images: { formats: ['image/webp', 'image/avif'] },
  async headers() {
    return [{ source: '/:path*', headers: [{ key: 'X-Portal-Version', value: version }] }];
  },
};
