import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes the kubeconfig of one identity of a test cluster, certificates included.
 *
 * @param {import('./layout.mjs').Layout} layout
 * @param {string} identity - name of its certificate
 * @returns {string} absolute path
 */
export function writeKubeconfig(layout, identity) {
  const encoded = (/** @type {string} */ file) => readFileSync(join(layout.state, 'pki', file)).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: layout.name,
        cluster: {
          server: `https://${layout.address}:${layout.apiPort}`,
          'certificate-authority-data': encoded('ca.crt')
        }
      }
    ],
    users: [
      {
        name: identity,
        user: {
          'client-certificate-data': encoded(`${identity}.crt`),
          'client-key-data': encoded(`${identity}.key`)
        }
      }
    ],
    contexts: [{ name: layout.name, context: { cluster: layout.name, user: identity } }],
    'current-context': layout.name
  };
  const file = join(layout.state, `${identity}.conf`);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 });
  return file;
}
