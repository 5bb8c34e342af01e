import { defineConfig } from 'vitest/config';
import { assemblyscript } from './assemblyscript.js';

const report = process.env['BUCKETWATCH_TEST_REPORT'];

export default defineConfig({
  plugins: [assemblyscript()],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/temporary-root.ts'],
    pool: 'forks',
    // By default one core is left idle, which on two cores is half of them.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 240_000,
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
