import { defineConfig } from 'vitest/config';

// One classic script and nothing beside it: sites embed it with a plain <script> tag. The demo page
// comes along from public/.
export default defineConfig({
  build: {
    target: 'es2020',
    lib: {
      entry: 'src/index.ts',
      name: 'ParlorWidget',
      formats: ['iife'],
      fileName: () => 'widget.js',
    },
    minify: 'terser',
    terserOptions: { compress: { passes: 3 } },
    sourcemap: false,
    reportCompressedSize: false,
  },
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['test/support/setup.mjs'],
  },
});
