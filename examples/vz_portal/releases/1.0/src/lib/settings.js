/** What differs between environments: VITE_* in .env.local here, in .env.production where the host builds. Everybody can read it. */
export const settings = import.meta.env;
