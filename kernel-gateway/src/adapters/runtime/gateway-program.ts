import { fileURLToPath } from 'node:url';
import type { GatewayProgram } from './provide-gateway.js';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url)).replace(/\/$/, '');

/** This code, as a program of its own. */
export const gatewayProgram: GatewayProgram = {
  checkout: fromHere('../../../..'),
  program: fromHere('../../cli/bpflab.js')
};
