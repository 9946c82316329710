/**
 * The order in which modules are loaded so that each comes after what it depends on.
 *
 * @param {string} modulesDep - text of modules.dep: "path: paths of what it needs, the nearest first"
 * @param {string} modulesBuiltin - text of modules.builtin: paths
 * @param {string[]} wanted - names, "-" or "_" alike
 * @returns {{ paths: string[], missing: string[] }} paths as in modules.dep; missing: neither module nor built in
 */
export function moduleOrder(modulesDep, modulesBuiltin, wanted) {
  /** @type {Map<string, { path: string, needs: string[] }>} */
  const modules = new Map();
  for (const line of modulesDep.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const needs = line
      .slice(colon + 1)
      .split(' ')
      .filter(Boolean);
    modules.set(moduleName(line.slice(0, colon)), { path: line.slice(0, colon), needs: needs.map(moduleName) });
  }
  const builtin = new Set(modulesBuiltin.split('\n').filter(Boolean).map(moduleName));
  /** @type {Set<string>} */
  const paths = new Set();
  /** @type {Set<string>} */
  const visiting = new Set();
  /** @param {string} name */
  const add = name => {
    const module = modules.get(name);
    if (!module || visiting.has(name)) return;
    visiting.add(name);
    for (const needed of [...module.needs].reverse()) add(needed);
    paths.add(module.path);
  };
  const names = wanted.map(name => name.replaceAll('-', '_'));
  for (const name of names) add(name);
  return { paths: [...paths], missing: names.filter(name => !modules.has(name) && !builtin.has(name)) };
}

/** @param {string} path */
function moduleName(path) {
  return (path.split('/').at(-1) ?? '').replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_');
}
