import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** Of `docker login`'s file. */
const dockerConfig = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({})
});
const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });

/**
 * What `docker login` (or podman's, by `REGISTRY_AUTH_FILE`) has kept for a registry, its credential helpers included.
 *
 * @param host - with the port, when there is one
 * @param env - for HOME, DOCKER_CONFIG, REGISTRY_AUTH_FILE and PATH
 * @returns user and password with a colon between, as base64; null when nobody has logged in
 */
export async function registryAccess(host: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  const file = env['REGISTRY_AUTH_FILE'] ?? join(folder, 'config.json');
  let config: z.infer<typeof dockerConfig>;
  try {
    config = dockerConfig.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
  const helper = config.credHelpers[host] ?? config.credsStore;
  const helped = helper === undefined ? null : await askHelper(helper, host, env);
  return helped ?? config.auths[host]?.auth ?? config.auths[`https://${host}`]?.auth ?? null;
}

/** The protocol of docker-credential-helpers: the host on standard input, JSON on standard output. */
function askHelper(helper: string, host: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise(resolve => {
    const child = execFile(`docker-credential-${helper}`, ['get'], { env, timeout: 30_000 }, (error, stdout) => {
      if (error !== null) return resolve(null);
      try {
        const { Username, Secret } = helperAnswer.parse(JSON.parse(stdout));
        resolve(Buffer.from(`${Username}:${Secret}`).toString('base64'));
      } catch {
        resolve(null);
      }
    });
    // A helper that is not installed closes its input.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(host);
  });
}
