import described from '@/package.json';

export const version = described.version;
