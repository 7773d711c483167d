import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

/** The pages, control room and camera: src/web to dist/web. */
export default defineConfig({
  root: 'src/web',
  plugins: [preact()],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // The page's policy refuses data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ['src/web/index.html', 'src/web/camera.html'] },
  },
  worker: { format: 'es' },
})
