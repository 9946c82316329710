/* global document, window, __webpack_init_sharing__, __webpack_share_scopes__ */
// First script of the page: prepares the share scope for third-party labextensions, then starts the application.
//
// The order is Module Federation's: every remote entry is loaded and initialized with our share scope before the first
// shared module is imported, so that versions are chosen once, among all who offer one.

const configElement = document.getElementById('jupyter-config-data');
const config = JSON.parse(configElement?.textContent || '{}');

/**
 * Adds a classic script to the page.
 *
 * @param {string} url - address of a remote entry, which sets `window._JUPYTERLAB[name]`
 */
function loadScript(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.onload = resolve;
    script.onerror = () => reject(new Error(`Cannot load ${url}.`));
    script.src = url;
    document.head.append(script);
  });
}

/**
 * Loads one federated labextension and offers it our shared modules.
 *
 * @param {{name: string, load: string}} extension - entry of `federated_extensions` in the page config
 */
async function loadRemote(extension) {
  await loadScript(`${config.fullLabextensionsUrl}/${extension.name}/${extension.load}`);
  await window._JUPYTERLAB[extension.name].init(__webpack_share_scopes__.default);
}

async function boot() {
  window._JUPYTERLAB ??= {};
  const remotes = config.federated_extensions ?? [];
  // The application's own code is fetched while the remotes load; it runs only after them.
  const application = remotes.length === 0 ? import(/* webpackChunkName: "application" */ './main.js') : null;
  if (remotes.length > 0) {
    await __webpack_init_sharing__('default');
    for (const result of await Promise.allSettled(remotes.map(loadRemote))) {
      if (result.status === 'rejected') {
        console.error(result.reason);
      }
    }
  }
  const { main } = await (application ?? import(/* webpackChunkName: "application" */ './main.js'));
  await main(remotes);
}

boot().catch(error => {
  console.error(error);
  const message = document.createElement('p');
  message.setAttribute('role', 'alert');
  message.textContent = `The application did not start: ${error.message} Reload the page; when it stays, run npm run build.`;
  document.body.append(message);
});
