import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Modules are loaded once for all files: half the time. No unit test changes what another one reads.
          isolate: false,
          // A machine that compiles the agent three times beside them stands still now and then; what hangs hangs longer.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          include: [
            'kernel-gateway/src/**/*.test.ts',
            'extension/src/**/*.test.ts',
            'bpf/image/**/*.test.ts',
            'scripts/**/*.test.ts'
          ]
        }
      },
      { test: { name: 'house', include: ['test/house/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false
        }
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false
        }
      },
      {
        test: {
          name: 'full',
          include: ['test/full/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 300_000,
          fileParallelism: false
        }
      }
    ]
  }
});
