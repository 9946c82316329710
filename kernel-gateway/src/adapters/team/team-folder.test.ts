import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LabProgress } from '../../core/team/progress.js';
import { daysOf } from '../../core/team/week.js';
import { weeklyReport } from '../../core/team/weekly-report.js';
import { commitFile, commitsOf, currentPerson } from './git.js';
import { TeamFolder } from './team-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpflab-team-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const day = '2026-11-24';
const git = (cwd: string, ...words: string[]): string => {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_AUTHOR_DATE: `${day}T10:00:00`,
    GIT_COMMITTER_DATE: `${day}T10:00:00`
  };
  return execFileSync('git', words, { cwd, encoding: 'utf8', env });
};
const progress = (lab: string, passed: string[]): LabProgress => ({
  ...{ lab, state: 'open', passed, steps: 2, checksPassed: passed.length, checks: 2, minutes: 1, attempts: 1 },
  changed: day
});

function clone(name: string, from: string): { path: string; team: TeamFolder } {
  const path = join(folder, name);
  git(folder, 'clone', '-q', from, path);
  git(path, 'config', 'user.name', name);
  git(path, 'config', 'user.email', `${name}@example.org`);
  return { path, team: new TeamFolder(path) };
}

it('two clones work, note, pass checks and merge without a conflict', { timeout: 60_000 }, async () => {
  const origin = join(folder, 'origin');
  mkdirSync(origin);
  git(origin, 'init', '-q', '-b', 'main');
  git(origin, '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-q', '--allow-empty', '-m', 'begin');
  // Wei works on two machines, Li on a third.
  const clones = [clone('Wei', origin), clone('Li', origin), clone('Wei2', origin)];
  git(clones[2]!.path, 'config', 'user.name', 'Wei');
  for (const [index, { path, team }] of clones.entries()) {
    const person = (await currentPerson(path))!;
    await team.join(person);
    await team.addProgress(person, progress('start/01-hello', index === 2 ? ['turn'] : ['load']));
    await team.addEntry(person, day, {
      time: `1${index}:00`,
      title: `Note ${index}`,
      tags: ['maps'],
      text: `Text ${index}.`
    });
    mkdirSync(join(path, 'team/meetings'), { recursive: true });
    writeFileSync(
      join(path, `team/meetings/2026-11-2${index}.md`),
      `# M${index}\n\n## Decisions\n\n- Wei: task ${index}\n`
    );
    await team.refresh(day);
    git(path, 'add', '-A');
    git(path, 'commit', '-q', '-m', `work ${index}`);
  }
  const [wei, ...others] = clones;
  for (const { path } of others) git(wei!.path, 'pull', '-q', '--no-rebase', '--no-edit', path, 'main');
  expect(git(wei!.path, 'status', '--porcelain')).toBe('');

  await wei!.team.refresh(day);
  await wei!.team.addProgress('Wei', progress('start/02-exec-events', []));
  const files = await wei!.team.files();
  const text = (path: string): string => files.find(file => file.path === path)?.text ?? '';
  expect((await wei!.team.progress()).map(file => [file.person, file.labs.map(one => [one.lab, one.passed])])).toEqual([
    ['Li', [['start/01-hello', ['load']]]],
    [
      'Wei',
      [
        ['start/01-hello', ['load', 'turn']],
        ['start/02-exec-events', []]
      ]
    ]
  ]);
  expect(
    text('todo/todo-Wei.md')
      .match(/task \d/g)
      ?.sort()
  ).toEqual(['task 0', 'task 1', 'task 2']);
  expect(
    text('index/by-tag.md')
      .match(/Note \d/g)
      ?.sort()
  ).toEqual(['Note 0', 'Note 1', 'Note 2']);
  const report = weeklyReport({ week: '2026-W48', files, commits: await commitsOf(wei!.path, daysOf('2026-W48')!) });
  expect(report).toContain('- 2026-11-24 10:00 Note 0');
  expect(report).toContain('- Commit: work 0');
  expect(report).not.toContain('No update');
  await wei!.team.writeGenerated('reports/2026-W48.md', `<!-- Made by bpflab -->\n\n${report}`);
  await commitFile(wei!.path, 'team/reports/2026-W48.md', 'team: report');
  expect(git(wei!.path, 'show', '--name-only', '--format=').trim()).toBe('team/reports/2026-W48.md');
});

it('keeps what somebody wrote by hand, and does not follow links out of the workspace', async () => {
  const team = new TeamFolder(folder);
  mkdirSync(join(folder, 'team/index'), { recursive: true });
  writeFileSync(join(folder, 'team/index/by-tag.md'), 'mine');
  await team.refresh(day);
  const copy = readdirSync(join(folder, 'team/index')).find(name => name.includes('by-hand'));
  expect(readFileSync(join(folder, 'team/index', copy!), 'utf8')).toBe('mine');
  symlinkSync(tmpdir(), join(folder, 'team/people'));
  await expect(team.join('Wei')).rejects.toMatchObject({ code: 'BPFLAB_TEAM_WRITE' });
  await expect(team.join('../..')).rejects.toMatchObject({ code: 'BPFLAB_TEAM_PERSON' });
});

it('loses nothing when two gateways write at once, from the first file on', async () => {
  const gateways = [new TeamFolder(folder), new TeamFolder(folder)];
  const numbers = Array.from({ length: 10 }, (_, index) => index);
  await Promise.all(
    gateways.flatMap((team, gateway) =>
      numbers.flatMap(index => [
        team.addEntry('Wei', day, { time: '10:00', title: `Note ${gateway}-${index}`, tags: ['maps'], text: '' }),
        team.addProgress('Wei', progress(`course/${gateway}${index}-lab`, ['load'])),
        team.addTodos('Wei', [`task ${gateway}-${index}`], 'meetings/a.md')
      ])
    )
  );
  await Promise.all(gateways.map(team => team.refresh(day)));
  const files = await gateways[0]!.files();
  const text = (path: string): string => files.find(file => file.path === path)?.text ?? '';
  const names = gateways.flatMap((_, gateway) => numbers.map(index => `${gateway}-${index}`));
  for (const path of [`people/Wei/log/${day}.md`, 'index/by-tag.md']) {
    expect([...text(path).matchAll(/Note (\d-\d)/g)].map(match => match[1]).sort()).toEqual(names);
  }
  expect([...text('todo/todo-Wei.md').matchAll(/task (\d-\d)/g)].map(match => match[1]).sort()).toEqual(names);
  const [wei] = await gateways[1]!.progress();
  expect(wei?.labs.map(one => one.lab)).toEqual(names.map(name => `course/${name.replace('-', '')}-lab`));
  expect(readdirSync(join(folder, 'team'))).not.toContain('.lock');
});

it('reads what it can of a folder that cannot be written, and says which file was not', async () => {
  // Not even root writes there.
  const team = new TeamFolder('/sys');
  expect(await team.files()).toEqual([]);
  expect(await team.refresh(day).catch((error: unknown) => error)).toMatchObject({ code: 'BPFLAB_TEAM_WRITE' });
  const entry = { time: '10:00', title: 'Note', tags: [], text: '' };
  await expect(team.addEntry('Wei', day, entry)).rejects.toMatchObject({
    code: 'BPFLAB_TEAM_WRITE',
    message: expect.stringMatching(
      /^team\/people\/Wei\/log\/2026-11-24\.md was not written — E(PERM|ACCES|ROFS)\.$/
    ) as unknown
  });
});

it('works where there is no repository and where git is not installed, and says why nothing was committed', async () => {
  const team = new TeamFolder(folder);
  await team.join('Wei');
  await team.addEntry('Wei', day, { time: '10:00', title: 'Note', tags: [], text: '' });
  const path = 'team/people/Wei/progress.md';
  expect(await commitsOf(folder, [day])).toEqual([]);
  await expect(commitFile(folder, path, 'x')).rejects.toMatchObject({
    code: 'BPFLAB_TEAM_COMMIT',
    message: expect.stringContaining('not a git repository') as unknown
  });
  vi.stubEnv('PATH', folder);
  try {
    expect(await commitsOf(folder, [day])).toEqual([]);
    expect(await currentPerson(folder)).toBe(null);
    expect(await team.refresh(day)).toContain('team/index/by-date.md');
    await expect(commitFile(folder, path, 'x')).rejects.toMatchObject({
      message: `${path} was not committed — git is not installed.`
    });
  } finally {
    vi.unstubAllEnvs();
  }
});

it('keeps everything when the clock goes backward', async () => {
  const team = new TeamFolder(folder);
  const earlier = '2026-11-19';
  await team.addProgress('Wei', progress('start/01-hello', ['load', 'turn']));
  await team.addEntry('Wei', day, { time: '14:00', title: 'Later', tags: [], text: '' });
  await team.addEntry('Wei', day, { time: '09:00', title: 'Earlier', tags: [], text: '' });
  await team.addProgress('Wei', { ...progress('start/01-hello', ['load']), changed: earlier });
  await team.addEntry('Wei', earlier, { time: '10:00', title: 'Before', tags: [], text: '' });
  await team.refresh(day);
  await team.refresh(earlier);
  const [wei] = await team.progress();
  expect(wei?.labs).toMatchObject([{ passed: ['load', 'turn'], changed: day }]);
  const index = readFileSync(join(folder, 'team/index/by-date.md'), 'utf8');
  for (const title of ['Later', 'Earlier', 'Before']) expect(index).toContain(title);
});
