/** Longest name of a session that an agent takes. */
const MAX_CHARS = 64;

/**
 * Name under which a session is known to the agent of a node. Agents of several nodes may share one kernel (the nodes of
 * kind do), and a session is in its tracing instances and control groups by name: so each target of it has its own.
 *
 * @param session - of the gateway
 * @param target - as the session names it: `pod:worker2`, a node of `pod:all`
 */
export function agentSession(session: string, target: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < target.length; index++) hash = Math.imul(hash ^ target.charCodeAt(index), 0x01000193);
  const suffix = `-${(hash >>> 0).toString(16).padStart(8, '0')}`;
  return session.slice(0, MAX_CHARS - suffix.length) + suffix;
}
