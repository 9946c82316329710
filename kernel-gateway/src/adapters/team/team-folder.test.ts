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
import { TeamResets } from './team-resets.js';

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
const progress = (lab: string, passed: string[]): Omit<LabProgress, 'resets'> => ({
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

/** Everyone's work so far, merged in the first clone and then in the others. */
function mergeAll(clones: readonly { path: string }[], message: string): void {
  const [first, ...others] = clones;
  for (const { path } of clones) {
    git(path, 'add', '-A');
    git(path, 'commit', '-q', '--allow-empty', '-m', message);
  }
  for (const { path } of others) git(first!.path, 'pull', '-q', '--no-rebase', '--no-edit', path, 'main');
  for (const { path } of others) git(path, 'pull', '-q', '--no-rebase', '--no-edit', first!.path, 'main');
  for (const { path } of clones) expect(git(path, 'status', '--porcelain')).toBe('');
}

/** Wei works on two machines, Li on a third. */
function threeClones(): { path: string; team: TeamFolder }[] {
  const origin = join(folder, 'origin');
  mkdirSync(origin);
  git(origin, 'init', '-q', '-b', 'main');
  git(origin, '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-q', '--allow-empty', '-m', 'begin');
  const clones = [clone('Wei', origin), clone('Li', origin), clone('Wei2', origin)];
  git(clones[2]!.path, 'config', 'user.name', 'Wei');
  return clones;
}

it('two clones work, note, pass checks and merge without a conflict', { timeout: 60_000 }, async () => {
  const clones = threeClones();
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

it('an instructor asks many to begin a lab anew, and what each answers merges with what the others do', async () => {
  const clones = threeClones();
  const [wei, li, wei2] = clones.map(one => one.team) as [TeamFolder, TeamFolder, TeamFolder];
  const resets = clones.map(
    ({ team }) => new TeamResets(team, (lab, on) => Promise.resolve([`labs/${lab}.${on}.ipynb`]))
  );
  const lab = 'start/01-hello';
  const now = { day, time: '14:05' };
  const question = {
    type: 'ask-reset' as const,
    ...{ labs: [lab, 'start/02-events'], people: ['Wei', 'Li'], text: 'The lab has changed.' }
  };
  // A workspace of before there were such requests.
  mkdirSync(join(clones[0]!.path, 'team'));
  writeFileSync(join(clones[0]!.path, 'team/.gitattributes'), '# Made by bpflab\npeople/*/progress.md merge=union\n');
  await wei.join('Wei');
  await wei.addProgress('Wei', progress(lab, ['load', 'turn']));
  await wei.addProgress('Wei', progress('start/02-events', ['load']));
  mergeAll(clones, 'begin');
  await li.join('Li');
  await li.addProgress('Li', progress(lab, ['load']));
  await expect(resets[1]!.ask(question, 'Li', now)).rejects.toMatchObject({ code: 'BPFLAB_TEAM_RESET' });
  await li.teach('Li', true);
  const { written } = await resets[1]!.ask(question, 'Li', now);
  expect(written).toHaveLength(2);
  // The same minute once more: nobody is asked twice.
  expect(await resets[1]!.ask(question, 'Li', now)).toEqual({ written });
  mergeAll(clones, 'ask');

  const stateOf = async (index: number, person: string): Promise<ReturnType<TeamResets['state']>> =>
    resets[index]!.state(await clones[index]!.team.files(), person);
  const { resets: open } = await stateOf(0, 'Wei');
  expect(open.map(one => [one.lab, one.by, one.text])).toEqual([
    ['start/02-events', 'Li', question.text],
    [lab, 'Li', question.text]
  ]);
  const name = open[1]!.name;
  const answer = { type: 'answer-reset', name, begin: true } as const;
  expect(await resets[0]!.answer(answer, 'Wei', day)).toEqual({ lab, written: [`labs/${lab}.${day}.ipynb`] });
  await expect(resets[0]!.answer(answer, 'Wei', day)).rejects.toMatchObject({ code: 'BPFLAB_TEAM_RESET' });
  await wei.addProgress('Wei', progress(lab, ['load']));
  // Meanwhile Wei goes on on the other machine, and Li keeps hers.
  await wei2.addProgress('Wei', progress(lab, ['load', 'turn', 'more']));
  await resets[1]!.answer({ ...answer, begin: false }, 'Li', day);
  mergeAll(clones, 'answer');

  const [ofLi, ofWei] = await wei2.progress();
  expect(ofLi?.labs).toMatchObject([{ passed: ['load'], resets: 0 }]);
  expect(ofWei?.labs).toMatchObject([
    { passed: ['load'], resets: 1 },
    { passed: ['load'], resets: 0 }
  ]);
  expect(ofWei?.rest).toEqual([`- ${day}: ${lab} begun anew, as Li asked; before: 2/2 steps, 1 minutes, 1 attempts`]);
  expect((await stateOf(2, 'Wei')).resets.map(one => one.lab)).toEqual(['start/02-events']);
  expect((await stateOf(1, 'Li')).asked.map(one => [one.lab, one.people, one.answered])).toEqual([
    // Li has not begun it.
    ['start/02-events', 1, 0],
    [lab, 2, 2]
  ]);
  expect((await stateOf(0, 'Wei')).asked).toEqual([]);
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
