// rspack configuration of the application and of the themes.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Modules that federated labextensions may use instead of bringing their own: what JupyterLab itself shares.
 *
 * @param {{name: string, dependencies: Record<string, string>}[]} packages - plugin packages
 */
function sharedModules(packages) {
  const core = require('@jupyterlab/core-meta/core.package.json');
  const shared = {};
  for (const name of Object.keys(core.resolutions)) {
    if (isInstalled(name)) shared[name] = { requiredVersion: core.resolutions[name] };
  }
  for (const { name, dependencies } of packages) {
    if (!name.startsWith('@jupyterlab/')) continue;
    for (const [dependency, range] of Object.entries(dependencies)) {
      shared[dependency] ??= { requiredVersion: range };
    }
    shared[name] ??= {};
  }
  for (const name of core.jupyterlab.singletonPackages) {
    if (shared[name]) shared[name].singleton = true;
  }
  return shared;
}

const CORE_PACKAGES =
  /[\\/]node_modules[\\/](@jupyterlab|@jupyter|@lumino|@microsoft|@rjsf|react|react-dom|scheduler|yjs|lib0|y-protocols|color|lodash-es|@lezer[\\/](common|highlight|lr)|@codemirror[\\/](state|view|language|commands|search|autocomplete|lint))[\\/]/;
/** Packages of those names that are off, or loaded when their first document is opened. */
const LATER_PACKAGES =
  /[\\/]node_modules[\\/](@lumino[\\/]datagrid|@jupyterlab[\\/](debugger|csvviewer|vega5-extension|mermaid|json-extension|pdf-extension|extensionmanager|pluginmanager-extension|hub-extension|lsp-extension|settingeditor|markedparser|mathjax|terminal[\\/]|audio-extension|video-extension))/;

/** Whether a module belongs to the file that every first page needs. */
function isCoreModule(module) {
  const name = module.nameForCondition?.() ?? '';
  return CORE_PACKAGES.test(name) && !LATER_PACKAGES.test(name);
}

/** Whether a package can be resolved from here. */
function isInstalled(name) {
  try {
    require.resolve(`${name}/package.json`);
    return true;
  } catch (error) {
    // A package that does not export its package.json is there all the same.
    return error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

/**
 * The application: one entry, everything that the first page needs in few chunks, the rest on demand.
 *
 * @param {{extensionDir: string, appDir: string, buildDir: string, generatedDir: string, packages: any[], mode: string}} options
 */
export function applicationConfig({ extensionDir, appDir, buildDir, generatedDir, packages, mode }) {
  const { rspack } = require('@rspack/core');
  const { merge } = require('webpack-merge');
  const fromExtension = createRequire(join(extensionDir, 'package.json'));
  const packageFolder = name => dirname(fromExtension.resolve(`${name}/package.json`));
  return merge(require('@jupyter/builder/lib/webpack.config.base'), {
    name: 'application',
    mode,
    context: extensionDir,
    entry: { main: join(appDir, 'boot.js') },
    devtool: mode === 'production' ? false : 'source-map',
    output: {
      path: join(buildDir, 'static'),
      publicPath: 'auto',
      filename: '[name].[contenthash].js',
      chunkFilename: '[name].[contenthash].js',
      assetModuleFilename: '[name].[contenthash][ext]'
    },
    resolve: {
      alias: {
        'bpflab-plugins$': join(generatedDir, 'plugins.js'),
        'bpflab-style$': join(generatedDir, 'style.js'),
        '@bpflab/extension': extensionDir,
        // npm keeps many copies of react 18 beside a react 16 that nothing uses: one for all.
        react: packageFolder('react'),
        'react-dom': packageFolder('react-dom')
      }
    },
    externals: ['ws'],
    performance: { hints: false },
    optimization: {
      splitChunks: {
        chunks: 'async',
        cacheGroups: {
          // What every first page needs comes in one file instead of a hundred; found by looking at what was requested.
          core: { test: isCoreModule, name: 'core', enforce: true }
        }
      }
    },
    plugins: [
      new rspack.container.ModuleFederationPluginV1({
        name: 'CORE_FEDERATION',
        library: { type: 'var', name: ['_JUPYTERLAB', 'CORE_LIBRARY_FEDERATION'] },
        shared: sharedModules(packages)
      })
    ]
  });
}

/**
 * One bundle per theme package, of which only the extracted index.css is used.
 *
 * @param {{buildDir: string, packages: any[], mode: string}} options
 */
export function themeConfigs({ buildDir, packages, mode }) {
  const { rspack } = require('@rspack/core');
  return packages
    .filter(({ themePath }) => themePath !== null)
    .map(({ name, folder, themePath }) => ({
      name,
      mode,
      context: folder,
      entry: { index: join(folder, themePath) },
      output: { path: join(buildDir, 'themes', name), filename: '[name].js' },
      module: {
        rules: [
          { test: /\.css$/, use: [rspack.CssExtractRspackPlugin.loader, 'css-loader'], type: 'javascript/auto' },
          { test: /\.svg$/, type: 'asset/inline' },
          { test: /\.(cur|png|jpg|gif|ttf|woff2?|eot)$/, type: 'asset' }
        ]
      },
      plugins: [new rspack.CssExtractRspackPlugin()]
    }));
}
