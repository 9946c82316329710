import { errorTable, LabError, type AgentError, type ErrorCode, type Verb } from '../../protocol/index.js';

/**
 * A request that the agent refused. `errno` is the kernel's name ("EPERM") or empty, `subject` the program, map or link
 * that it is about or empty; `details` holds libbpf's own lines. A code that this version does not know becomes
 * BPFLAB_AGENT_REQUEST.
 */
export class AgentRequestError extends LabError {
  readonly verb: Verb | 'hello';
  readonly errno: string;
  readonly subject: string;

  constructor(verb: Verb | 'hello', error: AgentError) {
    super(isKnown(error.code) ? error.code : 'BPFLAB_AGENT_REQUEST', error.message, {
      details: error.libbpf_log ?? ''
    });
    this.name = 'AgentRequestError';
    this.verb = verb;
    this.errno = error.errno ?? '';
    this.subject = error.subject ?? '';
  }
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
