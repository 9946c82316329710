/** The wire contract: agent frames and messages, stores and windows, MIME bundles, errors. Imports nothing but zod. */
export * from './agent-frames.js';
export * from './agent-messages.js';
export * from './comm.js';
export * from './error-table.js';
export * from './lab-error.js';
export * from './language.js';
export * from './mime.js';
export * from './outputs.js';
export * from './stacks.js';
export * from './store.js';
export * from './testrun.js';
export * from './verifier/refusal-explanation.js';
export * from './verifier/said.js';
export * from './verifier/value-words.js';
export * from './verifier/verifier-state.js';
export * from './verifier/verifier-steps.js';
export * from './verifier/verifier-trace.js';
