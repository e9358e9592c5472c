import { defineConfig } from 'vite';

// What is in no chunk of its own goes where it is used: a page is fetched when somebody opens it.
export default defineConfig({
  build: { outDir: 'dist', assetsDir: 'assets', assetsInlineLimit: 4096, sourcemap: false },
  server: { port: 5173 },
});
