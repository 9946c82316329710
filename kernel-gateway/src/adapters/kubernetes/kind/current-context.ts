import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const LINE = /^current-context:(.*)$/m;

/** The file of the kubeconfig that kind and kubectl write the current context to. */
function kubeconfigFile(env: NodeJS.ProcessEnv): string {
  const first = (env['KUBECONFIG'] ?? '').split(':').find(file => file !== '');
  return first ?? join(env['HOME'] ?? homedir(), '.kube/config');
}

/** Name of the current context; null when there is none. */
export function currentContext(env: NodeJS.ProcessEnv): string | null {
  try {
    const value = LINE.exec(readFileSync(kubeconfigFile(env), 'utf8'))?.[1]
      ?.trim()
      .replace(/^(["'])(.*)\1$/, '$2');
    return value === undefined || value === '' ? null : value;
  } catch {
    return null;
  }
}

/** Sets it, and leaves every other byte of the file as it is. Does nothing when there is no file. */
export function setCurrentContext(env: NodeJS.ProcessEnv, context: string): void {
  const file = kubeconfigFile(env);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return;
  }
  const line = `current-context: ${JSON.stringify(context)}`;
  const changed = LINE.test(text) ? text.replace(LINE, () => line) : `${text.replace(/\n?$/, '\n')}${line}\n`;
  writeFileSync(`${file}.new`, changed, { mode: statSync(file).mode });
  renameSync(`${file}.new`, file);
}
