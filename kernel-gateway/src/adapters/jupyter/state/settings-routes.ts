/** `/lab/api/settings`: schemas of the application's plugins with the user's values, which are JSON with comments. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import json5 from 'json5';
import { z } from 'zod';
import { LabError } from '../../../protocol/index.js';
import { findLabextensions } from '../application/application-build.js';
import type { JupyterServerOptions } from '../server-options.js';
import { readTextIfThere, writeStateFile } from './atomic-file.js';

interface SchemaFile {
  id: string;
  version: string;
  path: string;
}

interface PluginSettings {
  id: string;
  schema: unknown;
  version: string;
  raw: string;
  settings: unknown;
  last_modified?: string;
  created?: string;
  warning?: string;
}

const bodySchema = z.object({ raw: z.string().max(1_000_000) });

/** Reads and writes the settings of plugins. */
export async function settingsRoutes(server: FastifyInstance, options: JupyterServerOptions): Promise<void> {
  const url = `${options.baseUrl}lab/api/settings`;
  const labextensions = await findLabextensions(options.labextensionDirs);
  const folders = [
    join(options.applicationDir, 'schemas'),
    ...labextensions.map(({ folder }) => join(folder, 'schemas'))
  ];
  const find = async (): Promise<Map<string, SchemaFile>> => {
    const files = (await Promise.all(folders.map(schemaFiles))).flat();
    return new Map(files.map(file => [file.id, file]));
  };
  const userFile = (id: string): string =>
    join(options.stateDir, 'settings', `${id.replace(':', '/')}.jupyterlab-settings`);
  const known = async (request: FastifyRequest): Promise<SchemaFile> => {
    const id = (request.params as { '*': string })['*'];
    const file = (await find()).get(id);
    if (!file) throw new LabError('BPFLAB_REQUEST_UNKNOWN', `There are no settings of a plugin "${id}".`);
    return file;
  };

  const list = async (request: FastifyRequest): Promise<{ settings: unknown[] }> => {
    const files = [...(await find()).values()];
    const idsOnly = (request.query as Record<string, string | undefined>)['ids_only'] === 'true';
    if (idsOnly) return { settings: files.map(({ id }) => ({ id })) };
    return { settings: await Promise.all(files.map(file => readSettings(file, userFile(file.id)))) };
  };
  server.get(url, list);
  server.get(`${url}/`, list);
  server.get(`${url}/*`, async request => {
    const file = await known(request);
    return readSettings(file, userFile(file.id));
  });
  server.put(`${url}/*`, async (request, reply) => {
    const { id } = await known(request);
    const { raw } = bodySchema.parse(request.body);
    if (raw.trim() !== '') parseValues(raw, id);
    await writeStateFile(userFile(id), raw);
    return reply.code(204).send();
  });
}

async function schemaFiles(folder: string): Promise<SchemaFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found: SchemaFile[] = [];
  const versions = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.json')) continue;
    const packageName = entry.parentPath.slice(folder.length + 1);
    if (!versions.has(packageName)) versions.set(packageName, await packageVersion(entry.parentPath));
    const version = versions.get(packageName)!;
    found.push({
      id: `${packageName}:${basename(entry.name, '.json')}`,
      version,
      path: join(entry.parentPath, entry.name)
    });
  }
  return found.sort((a, b) => a.id.localeCompare(b.id));
}

async function packageVersion(folder: string): Promise<string> {
  const text = await readTextIfThere(join(folder, 'package.json.orig'));
  return text === null ? '' : ((JSON.parse(text) as { version?: string }).version ?? '');
}

async function readSettings(file: SchemaFile, userPath: string): Promise<PluginSettings> {
  const [schema, raw] = await Promise.all([readFile(file.path, 'utf8'), readTextIfThere(userPath)]);
  const found: PluginSettings = {
    id: file.id,
    schema: JSON.parse(schema),
    version: file.version,
    raw: raw ?? '{}',
    settings: {}
  };
  if (raw === null) return found;
  const { mtime, birthtime } = await stat(userPath);
  found.last_modified = mtime.toISOString();
  found.created = birthtime.toISOString();
  try {
    found.settings = raw.trim() === '' ? {} : parseValues(raw, file.id);
  } catch (error) {
    found.warning = (error as Error).message;
  }
  return found;
}

function parseValues(raw: string, id: string): unknown {
  try {
    return json5.parse<unknown>(raw);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new LabError('BPFLAB_REQUEST_INVALID', `The settings of "${id}" are not JSON with comments — ${reason}.`, {
      cause
    });
  }
}
