/** Settings of the whole machine that kubelet and kube-proxy change: kept at the start, given back at the end. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const settings = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'];
const pathOf = (/** @type {string} */ setting) => join('/proc/sys', setting);

/** Notes the settings in the cluster's folder. */
export function keepMachineSettings(/** @type {string} */ state) {
  const values = settings.map(setting => [setting, readFileSync(pathOf(setting), 'utf8').trim()]);
  writeFileSync(join(state, 'machine-settings.json'), JSON.stringify(Object.fromEntries(values)));
}

/** Gives back what was noted; does nothing when nothing was. */
export function restoreMachineSettings(/** @type {string} */ state) {
  const file = join(state, 'machine-settings.json');
  if (!existsSync(file)) return;
  for (const [setting, value] of Object.entries(JSON.parse(readFileSync(file, 'utf8'))))
    writeFileSync(pathOf(setting), String(value));
}
