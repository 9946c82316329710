/* global window */
// Assembles JupyterLab from the plugins of this build and of federated labextensions, and starts it.
import { PageConfig, JupyterPluginRegistry } from '@jupyterlab/coreutils';
import { JupyterLab } from '@jupyterlab/application';
import { IConnectionStatus, IServiceManager } from '@jupyterlab/services';
import { bundled } from 'bpflab-plugins';

/** Fetches the texts of a language for everything that has any. */
const CONNECTOR = '@jupyterlab/translation-extension:translator-connector';

/**
 * A plugin that starts without the file of a language too: then the application speaks English. JupyterLab's own connector
 * fails, and with it every plugin that has a text.
 *
 * @param {any} plugin
 */
function speaking(plugin) {
  if (plugin.id !== CONNECTOR) return plugin;
  const activate = (...services) => {
    const connector = plugin.activate(...services);
    const fetch = connector.fetch.bind(connector);
    connector.fetch = request =>
      fetch(request).catch(error => {
        console.warn('The texts of the language were not loaded.', error);
        return { data: {}, message: '' };
      });
    return connector;
  };
  return { ...plugin, activate };
}

/**
 * The exports of one plugin package, or null when it could not be loaded; a broken package must not stop the rest.
 *
 * @param {string} name - package name
 * @param {() => Promise<any>} load - its import
 */
async function loadPackage(name, load) {
  try {
    const exports = await load();
    const value = Object.hasOwn(exports, '__esModule') || 'default' in exports ? exports.default : exports;
    return { name, plugins: (Array.isArray(value) ? value : [value]).map(speaking) };
  } catch (error) {
    console.error(`Cannot load the plugins of ${name}.`, error);
    return null;
  }
}

/**
 * A module of a federated labextension, as a loader.
 *
 * @param {string} scope - its package name
 * @param {string} module - exposed name, such as `./extension`
 */
const remoteModule = (scope, module) => async () => (await window._JUPYTERLAB[scope].get(module))();

/**
 * Everything there is to load, by kind: a federated package replaces the one of the same name in this build.
 *
 * @param {any[]} remotes - `federated_extensions` of the page config
 */
function packagesToLoad(remotes) {
  const replaced = new Set(remotes.map(remote => remote.name));
  const wanted = bundled.filter(({ name }) => !replaced.has(name));
  const packages = wanted.map(({ name, kind, load }) => ({ name, kind, load }));
  for (const { name, extension, mimeExtension, style } of remotes) {
    if (extension) packages.push({ name, kind: 'extension', load: remoteModule(name, extension) });
    if (mimeExtension) packages.push({ name, kind: 'mime', load: remoteModule(name, mimeExtension) });
    if (style) packages.push({ name, kind: 'style', load: remoteModule(name, style) });
  }
  // A whole disabled package is not even fetched.
  return packages.filter(({ name }) => !PageConfig.Extension.isDisabled(name));
}

/** Splits plugins into those to register and what the application reports about the others. */
function sortPlugins(packages) {
  const sorted = { register: [], mime: [], disabled: [], deferred: [], available: [] };
  for (const { name, kind, plugins } of packages) {
    for (const plugin of plugins) {
      const enabled = !PageConfig.Extension.isDisabled(plugin.id);
      sorted.available.push({
        id: plugin.id,
        description: plugin.description ?? '',
        requires: plugin.requires ?? [],
        optional: plugin.optional ?? [],
        provides: plugin.provides ?? null,
        autoStart: plugin.autoStart,
        enabled,
        extension: name
      });
      if (!enabled) {
        sorted.disabled.push(plugin.id);
        continue;
      }
      if (PageConfig.Extension.isDeferred(plugin.id)) {
        sorted.deferred.push(plugin.id);
      }
      (kind === 'mime' ? sorted.mime : sorted.register).push(plugin);
    }
  }
  return sorted;
}

/**
 * Starts the application; resolves when its plugins are activated.
 *
 * @param {any[]} remotes - initialized federated labextensions
 */
export async function main(remotes) {
  const [, ...loaded] = await Promise.all([
    import('bpflab-style'),
    ...packagesToLoad(remotes).map(async ({ name, kind, load }) => {
      const result = kind === 'style' ? (await load(), null) : await loadPackage(name, load);
      return result && { ...result, kind };
    })
  ]);
  const sorted = sortPlugins(loaded.filter(entry => entry !== null));

  const pluginRegistry = new JupyterPluginRegistry();
  pluginRegistry.registerPlugins(sorted.register);
  const serviceManager = await pluginRegistry.resolveRequiredService(IServiceManager);
  const connectionStatus = await pluginRegistry.resolveOptionalService(IConnectionStatus);

  const lab = new JupyterLab({
    pluginRegistry,
    serviceManager,
    connectionStatus,
    mimeExtensions: sorted.mime,
    disabled: { matches: sorted.disabled, patterns: [...PageConfig.Extension.disabled] },
    deferred: { matches: sorted.deferred, patterns: [...PageConfig.Extension.deferred] },
    availablePlugins: sorted.available
  });
  if (PageConfig.getOption('exposeAppInBrowser').toLowerCase() === 'true') {
    window.jupyterapp = lab;
  }
  await lab.start({ ignorePlugins: sorted.deferred, bubblingKeydown: true });
}
