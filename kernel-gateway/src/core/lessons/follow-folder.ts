import type { LessonSource } from './lesson-source.js';

/**
 * Takes `cd DIR &&` off a command and follows it. `folder` is below the lesson's own, empty for that: ways into the clone's
 * folder of the lesson end there. `rest` is empty when the command only changes the folder.
 */
export function followFolder(
  command: string,
  from: { folder: string; lesson: LessonSource }
): { folder: string; rest: string } {
  const words = /^(?:sudo\s+)?cd\s+([^\s;&]+)\s*(?:(?:&&|;)\s*([\s\S]+))?$/.exec(command);
  if (!words) return { folder: from.folder, rest: command };
  const folder = enter(words[1]!.replace(/\/+$/, ''), from);
  return words[2] === undefined ? { folder, rest: '' } : followFolder(words[2], { ...from, folder });
}

function enter(path: string, { folder, lesson }: { folder: string; lesson: LessonSource }): string {
  if (path === '..' || path === '-') return folder.split('/').slice(0, -1).join('/');
  const own = lesson.folder.split('/').at(-1);
  if (path === lesson.folder || path.split('/').at(-1) === own) return '';
  const below = [folder, path.replace(/^\.\//, '')].filter(part => part !== '').join('/');
  return lesson.files.some(file => file.path.startsWith(`${below}/`)) ? below : folder;
}
