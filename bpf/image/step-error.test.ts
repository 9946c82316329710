import { describe, expect, it } from 'vitest';
import { errorTable } from '../../kernel-gateway/src/protocol/error-table.js';
import { StepError } from './step-error.mjs';

describe('StepError', () => {
  it.each([
    'BPFLAB_IMAGE_MISSING',
    'BPFLAB_IMAGE_FETCH',
    'BPFLAB_IMAGE_BUILD',
    'BPFLAB_DISK_FULL',
    'BPFLAB_CONFIG_OPTION'
  ] as const)('%s has the next step of the error table', code => {
    expect(new StepError(code, 'x').hint).toBe(errorTable[code].hint);
  });
});
