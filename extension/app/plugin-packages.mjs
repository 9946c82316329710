// Which packages the application is made of: the dependencies of the extension that carry JupyterLab plugins.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Plugins and packages that are off unless the server says otherwise: they need a service that the gateway does not have
 * (extension and plugin manager, debug adapter, language server, hub), or would call out to the internet (news).
 */
export const disabledExtensions = [
  '@jupyterlab/apputils-extension:announcements',
  '@jupyterlab/debugger-extension',
  '@jupyterlab/extensionmanager-extension',
  '@jupyterlab/fileeditor-extension:language-server',
  '@jupyterlab/hub-extension',
  '@jupyterlab/lsp-extension',
  '@jupyterlab/notebook-extension:language-server',
  '@jupyterlab/pluginmanager-extension'
];

/**
 * The modules of a package that hold plugins.
 *
 * @param {string} name - package name
 * @param {{extension?: boolean | string, mimeExtension?: boolean | string}} metadata - its `jupyterlab` key
 */
function pluginModules(name, metadata) {
  const request = value => (value === true ? name : join(name, value));
  return [
    ...(metadata.extension ? [{ kind: 'extension', request: request(metadata.extension) }] : []),
    ...(metadata.mimeExtension ? [{ kind: 'mime', request: request(metadata.mimeExtension) }] : [])
  ];
}

/**
 * Describes one package.
 *
 * @param {string} folder - where it stands
 */
async function describePackage(folder) {
  const data = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const metadata = data.jupyterlab ?? {};
  const style = data.styleModule ?? data.style;
  return {
    name: data.name,
    folder,
    modules: pluginModules(data.name, metadata),
    style: typeof style === 'string' ? `${data.name}/${style}` : null,
    schemaDir: metadata.schemaDir ?? null,
    themePath: metadata.themePath ?? null,
    dependencies: data.dependencies ?? {}
  };
}

/**
 * All packages with plugins, ours included, sorted by name.
 *
 * @param {string} extensionDir - folder of our extension package
 */
export async function pluginPackages(extensionDir) {
  const require = createRequire(join(extensionDir, 'package.json'));
  const { dependencies } = JSON.parse(await readFile(join(extensionDir, 'package.json'), 'utf8'));
  const names = Object.keys(dependencies).filter(
    name => name.startsWith('@jupyterlab/') && name.endsWith('-extension')
  );
  const folders = [extensionDir, ...names.map(name => dirname(require.resolve(`${name}/package.json`)))];
  const packages = await Promise.all(folders.map(describePackage));
  return packages.sort((a, b) => a.name.localeCompare(b.name));
}
