/** Who may not do what, out of the API server's message about it. */
const FORBIDDEN =
  /User "(?<user>[^"]+)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "[^"]*"(?: in the namespace "(?<namespace>[^"]+)")?/;
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/**
 * The permission that is missing, and the command that gives it with all others that bpflab needs: in one sentence for
 * whoever runs the cluster.
 *
 * @param message - of the API server's refusal: `pods is forbidden: User "ann" cannot list resource "pods" in …`; what does not
 *   name the user, as the refusal of an exec does not, is about the one who asks
 * @param agents - namespace of the agents, where the Role bpflab-user is; elsewhere the ClusterRole of that name is meant
 */
export function missingPermission(message: string, agents: string): string {
  const { user = 'YOU', verb = 'create', resource = 'pods/exec', namespace } = FORBIDDEN.exec(message)?.groups ?? {};
  const [, owner, account] = SERVICE_ACCOUNT.exec(user) ?? [];
  const subject = account === undefined ? `--user=${quoted(user)}` : `--serviceaccount=${owner}:${account}`;
  const name = `bpflab-user-${(account ?? user).toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const isOfAgents = namespace === agents || (namespace === undefined && resource === 'pods/exec');
  const command = isOfAgents
    ? `kubectl create rolebinding ${name} -n ${agents} --role=bpflab-user ${subject}`
    : `kubectl create clusterrolebinding ${name} --clusterrole=bpflab-user ${subject}`;
  return `Whoever runs the cluster allows it ("${verb}" on "${resource}") with: ${command}`;
}

function quoted(word: string): string {
  return /^[\w.:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
