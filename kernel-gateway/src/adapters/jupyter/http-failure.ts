import type { FastifyInstance } from 'fastify';
import { ZodError } from 'zod';
import { LabError, type ErrorCode } from '../../protocol/index.js';

const STATUS: Partial<Record<ErrorCode, number>> = {
  BPFLAB_ACCESS_TOKEN: 403,
  BPFLAB_ACCESS_ORIGIN: 403,
  BPFLAB_ACCESS_SCOPE: 403,
  BPFLAB_CONTENTS_PATH: 403,
  BPFLAB_CONTENTS_MISSING: 404,
  BPFLAB_CONTENTS_EXISTS: 409,
  BPFLAB_CONTENTS_FORMAT: 400,
  BPFLAB_REQUEST_INVALID: 400,
  BPFLAB_VIEW_FILTER: 400,
  BPFLAB_REQUEST_UNKNOWN: 404,
  BPFLAB_DISK_FULL: 507
};

/** Answers failures as Jupyter does, with our code and hint beside its `message`, which front ends show. */
export function installFailureReplies(server: FastifyInstance): void {
  server.setErrorHandler((error, request, reply) => {
    const failure = error instanceof LabError ? error : asLabError(error);
    const { code, message, hint, details } = failure;
    if (code === 'BPFLAB_INTERNAL') request.log.error(error);
    const text = hint === '' ? message : `${message} ${hint}`;
    return reply.code(STATUS[code] ?? 500).send({ message: text, reason: code, code, hint, traceback: details });
  });
  server.setNotFoundHandler(request => {
    throw new LabError('BPFLAB_REQUEST_UNKNOWN', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`);
  });
}

/** Fastify's own refusals (body too large, not JSON) are the client's fault; anything else is ours. */
function asLabError(error: unknown): LabError {
  if (error instanceof ZodError) {
    const issues = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
    return new LabError('BPFLAB_REQUEST_INVALID', `The request was not understood — ${issues}.`, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  const status = (error as { statusCode?: unknown }).statusCode;
  const isClients = typeof status === 'number' && status >= 400 && status < 500;
  return new LabError(isClients ? 'BPFLAB_REQUEST_INVALID' : 'BPFLAB_INTERNAL', message, { cause: error });
}
