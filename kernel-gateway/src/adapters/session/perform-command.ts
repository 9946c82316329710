import { LabError, type SessionCommand } from '../../protocol/index.js';
import type { LiveView } from './live-view.js';
import { setGlobal } from './magics/set-magic.js';
import type { MapEditor } from './map-editor.js';
import { reloadRun } from './reload-run.js';
import type { SessionCore } from './session-core.js';

/**
 * Does what a front end asks for outside of any cell; resolves when it is done and the views show it.
 *
 * @throws LabError that names what could not be done and why
 */
export async function performCommand(
  core: SessionCore,
  command: Exclude<SessionCommand, { type: 'record' }>
): Promise<void> {
  core.recorder.command(command);
  switch (command.type) {
    case 'stop':
      return core.stop(command.run, 'stopped by its button');
    case 'stop_all':
      await Promise.all(core.liveRuns().map(run => core.stop(run.id, 'stopped by its button')));
      return;
    case 'reset':
      return core.targets.closeAll('the target was reset');
    case 'target':
      return core.targets.choose(command.target, { kernel: command.kernel });
    case 'set':
      await setGlobal(core, command);
      return;
    case 'reload':
      return reloadRun(core, command);
    case 'decode':
      return decode(core, command.view, command.record_type);
    case 'map_update':
      return edit(core, command.view, editor => editor.update(command.key, command.fields));
    case 'map_insert':
      return edit(core, command.view, editor => editor.insert(command.fields));
    case 'map_delete':
      return edit(core, command.view, editor => editor.remove(command.keys));
    case 'map_clear':
      return edit(core, command.view, editor => editor.clear());
  }
}

function findView(core: SessionCore, id: string): LiveView {
  const live = core.views.get(id);
  if (live === undefined) {
    throw new LabError('BPFLAB_MAP_UNKNOWN', `The session has no view "${id}" any more.`);
  }
  return live;
}

function decode(core: SessionCore, view: string, type: string): void {
  const { recordTypes } = findView(core, view);
  if (recordTypes === undefined) {
    throw new LabError('BPFLAB_VALUE_INVALID', `The record type of "${view}" is certain; there is nothing to choose.`);
  }
  recordTypes.choose(type);
  core.viewChanged(view);
  core.outputs.showView(view, true);
}

async function edit(core: SessionCore, view: string, change: (editor: MapEditor) => Promise<void>): Promise<void> {
  const { editor } = findView(core, view);
  if (editor === undefined || core.state.views.get(view)?.isEnded !== false) {
    throw new LabError('BPFLAB_MAP_OPERATION', `The entries of "${view}" can only be read now.`);
  }
  await change(editor);
  await core.polls.readView(view);
}
