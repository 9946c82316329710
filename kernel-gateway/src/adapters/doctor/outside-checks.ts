/** Checks of what stands outside: package sources, docker, a cluster. All are bounded in time. */
import type { Check } from './doctor-report.js';
import { runProgram } from './run-program.js';

const CLUSTER_TIMEOUT_MS = 3000;

/** A docker daemon that answers. */
export async function checkDocker(): Promise<Check> {
  const base = { id: 'docker', title: 'Docker', needed: false };
  const result = await runProgram('docker', ['version', '--format', '{{.Server.Version}}']);
  const version = result.stdout.trim();
  if (result.status === 0 && version !== '') {
    return { ...base, state: 'ok', summary: `server ${version}.`, remedy: '', facts: { server_version: version } };
  }
  const isThere = !result.error.endsWith('is not installed');
  const cause = isThere ? (result.stderr.trim() || result.error).split('\n')[0] : 'it is not installed';
  return {
    ...base,
    state: isThere ? 'limited' : 'missing',
    summary: `${isThere ? 'installed, but the daemon does not answer' : 'not usable'} (${cause}).`,
    remedy: isThere
      ? 'Start the daemon and add yourself to the group docker, if you want a local cluster.'
      : 'Install docker if you want a local cluster (kind).',
    facts: { installed: isThere }
  };
}

/** Contexts of the kubeconfig, and whether the current one's API server answers. */
export async function checkKubernetes(): Promise<Check> {
  const base = { id: 'kubernetes', title: 'Kubernetes', needed: false };
  const remedy = 'Set KUBECONFIG, or make a local cluster with kind, if programs shall run on a cluster.';
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...base, state: 'missing', summary: `the kubeconfig cannot be read (${why}).`, remedy, facts: {} };
  }
  const contexts = config.getContexts().map(context => context.name);
  const current = config.getCurrentContext();
  const server = config.getCurrentCluster()?.server ?? '';
  // Without any file the client invents one context for localhost:8080.
  if (contexts.length === 0 || (current === 'loaded-context' && server.startsWith('http://localhost'))) {
    return { ...base, state: 'missing', summary: 'there is no kubeconfig.', remedy, facts: { contexts: [] } };
  }
  const facts = { contexts, current_context: current, server };
  try {
    const version = await clusterVersion(config);
    const summary = `context "${current}" answers, ${version}.`;
    return { ...base, state: 'ok', summary, remedy: '', facts: { ...facts, server_version: version } };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const summary = `context "${current}" does not answer (${why}).`;
    return { ...base, state: 'limited', summary, remedy: 'Start the cluster, or choose another context.', facts };
  }
}

async function clusterVersion(config: import('@kubernetes/client-node').KubeConfig): Promise<string> {
  const { VersionApi } = await import('@kubernetes/client-node');
  const answer = config.makeApiClient(VersionApi).getCode();
  answer.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CLUSTER_TIMEOUT_MS / 1000} s`)), CLUSTER_TIMEOUT_MS);
  });
  try {
    return (await Promise.race([answer, late])).gitVersion;
  } finally {
    clearTimeout(timer);
  }
}

/** apt and dpkg, which set-up downloads and unpacks with, and the proxy they use. */
export async function checkApt(): Promise<Check> {
  const base = { id: 'apt', title: 'apt', needed: true };
  const [apt, dpkg] = await Promise.all([runProgram('apt-config', ['dump']), runProgram('dpkg', ['--version'])]);
  const lacking = [...(apt.status === 0 ? [] : ['apt']), ...(dpkg.status === 0 ? [] : ['dpkg'])];
  if (lacking.length > 0) {
    return {
      ...base,
      state: 'missing',
      summary: `${lacking.join(' and ')} ${lacking.length === 1 ? 'is' : 'are'} not usable here.`,
      remedy: 'Use a Debian or Ubuntu machine or container: set-up builds its images from Debian packages.',
      facts: { lacking }
    };
  }
  const proxies: Record<string, string> = {};
  for (const [, scheme = '', address = ''] of apt.stdout.matchAll(/^Acquire::(https?)::Proxy "(.+)";$/gim)) {
    proxies[scheme] = withoutPassword(address);
  }
  const facts = { proxies, environment: environmentProxies() };
  return { ...base, state: 'ok', summary: `apt and dpkg are there; ${proxyText(facts)}.`, remedy: '', facts };
}

/** npm, its registry and proxy. */
export async function checkNpm(): Promise<Check> {
  const base = { id: 'npm', title: 'npm', needed: true };
  const names = ['registry', 'proxy', 'https-proxy'];
  const result = await runProgram('npm', ['config', 'get', ...names], 15_000);
  if (result.status !== 0) {
    const summary = `not usable (${result.error.split('\n')[0]}).`;
    return { ...base, state: 'missing', summary, remedy: 'Install npm; it comes with Node.js.', facts: {} };
  }
  const values: Record<string, string> = {};
  for (const [, name = '', value = ''] of result.stdout.matchAll(/^([a-z-]+)=(.+)$/gm)) {
    if (value !== 'null') values[name] = withoutPassword(value);
  }
  const { registry = '', ...proxies } = values;
  const facts = { registry, proxies, environment: environmentProxies() };
  return { ...base, state: 'ok', summary: `registry ${registry}; ${proxyText(facts)}.`, remedy: '', facts };
}

function environmentProxies(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(
    names.flatMap(name => (process.env[name] ? [[name, withoutPassword(process.env[name])]] : []))
  );
}

function proxyText(facts: { proxies: Record<string, string>; environment: Record<string, string> }): string {
  const used = new Set([...Object.values(facts.proxies), ...Object.values(facts.environment)]);
  return used.size === 0 ? 'no proxy' : `proxy ${[...used].join(', ')}`;
}

/** `scheme://user:password@host` without the part that a report must not show. */
export function withoutPassword(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//');
}
