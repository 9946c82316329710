import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { labNotebook } from '../adapters/jupyter/labs/lab-notebook.js';
import { readTextIfThere } from '../adapters/jupyter/state/atomic-file.js';
import { findTranslation, listLabFolders, readLabFolder } from '../adapters/labs/lab-library.js';
import { gatewayProgram } from '../adapters/runtime/gateway-program.js';
import { labTarget } from '../core/labs/lab-target.js';
import { lintLab } from '../core/labs/lint-lab.js';
import { newLabFiles } from '../core/labs/new-lab-files.js';
import { createLab } from '../lab.js';
import { LabError } from '../protocol/index.js';
import { ExitStatus } from './exit-status.js';
import { isSound, testLab, type LabReport } from './test-lab.js';

interface LabOptions {
  labs: string;
  json?: true;
  out: string;
  kernel?: string;
  target: string;
}

/** `bpflab lab new|lint|test|build`: for those who write labs; see docs/reference/lab-format.md. */
export function labCommand(): Command {
  const folder = join(gatewayProgram.checkout, 'labs');
  const sub = (name: string, says: string): Command =>
    new Command(name).description(says).option('--labs <folder>', 'folder of the labs', folder);
  return new Command('lab')
    .description('makes, checks, tests and builds labs')
    .addCommand(sub('new', 'makes the files of a new lab').argument('<id>', 'course/number-name').action(makeLab))
    .addCommand(
      sub('lint', 'reads labs and says what is wrong with them').argument('[id...]', 'all without one').action(lint)
    )
    .addCommand(
      sub('test', 'proves that starters fail, solutions pass and nothing is left')
        .argument('[id...]', 'all that the target can run without one')
        .option('--target <name>', 'vm, pod or pod:NODE', 'vm')
        .option('--kernel <release>', 'kernel of the vm target')
        .option('--json', 'prints one JSON object')
        .action(test)
    )
    .addCommand(
      sub('build', 'writes labs as notebooks')
        .argument('[id...]', 'all without one')
        .option('--out <folder>', 'where the notebooks go', '.')
        .action(build)
    );
}

async function makeLab(id: string, { labs }: LabOptions): Promise<void> {
  if (!/^[\w-]+(\/[\w-]+){1,3}$/.test(id)) {
    throw new LabError(
      'BPFLAB_CONFIG_OPTION',
      `"${id}" is no id of a lab; write course/number-name, such as maps/01-hash.`
    );
  }
  const place = join(resolve(labs), id);
  if ((await readTextIfThere(join(place, 'lab.md'))) !== null) {
    throw new LabError('BPFLAB_LAB_EXISTS', `There is a lab in ${place}.`);
  }
  for (const [name, text] of newLabFiles(id)) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    await writeFile(join(place, name), text);
    console.log(join(place, name));
  }
}

const idsOf = async (ids: string[], labs: string): Promise<string[]> =>
  ids.length > 0 ? ids : await listLabFolders(resolve(labs));

async function lint(ids: string[], { labs }: LabOptions): Promise<void> {
  let problems = 0;
  for (const id of await idsOf(ids, labs)) {
    const lab = await readLabFolder(resolve(labs), id, 'en');
    const translation = await readLabFolder(resolve(labs), id, 'zh');
    const found = lintLab(lab, translation.language === 'en' ? null : translation);
    problems += found.length;
    console.log(found.length === 0 ? `${id}: fine` : `${id}:\n${found.map(problem => `  ${problem}`).join('\n')}`);
  }
  process.exitCode = problems === 0 ? ExitStatus.ok : ExitStatus.failed;
}

async function test(ids: string[], options: LabOptions): Promise<void> {
  const labsDir = resolve(options.labs);
  const all = await Promise.all((await idsOf(ids, options.labs)).map(id => readLabFolder(labsDir, id, 'en')));
  const kind = options.target.split(':')[0];
  const labs = ids.length > 0 ? all : all.filter(lab => labTarget(lab) === kind);
  const leftOut = all.filter(lab => !labs.includes(lab));
  const { target, kernel = null } = options;
  const product = createLab({ target, kernel, keepSpare: kind === 'vm', labsDir });
  const reports: LabReport[] = [];
  try {
    for (const lab of labs) {
      const report = await testLab(product, lab);
      reports.push(report);
      if (options.json !== true) console.log(reportText(report));
    }
  } finally {
    await product.close();
  }
  if (options.json === true) {
    console.log(
      JSON.stringify({ labs: reports, left_out: leftOut.map(lab => ({ id: lab.id, target: labTarget(lab) })) })
    );
  } else {
    for (const lab of leftOut) console.log(`– ${lab.id}  left out: it runs with --target ${labTarget(lab) ?? '?'}`);
  }
  process.exitCode = reports.length > 0 && reports.every(isSound) ? ExitStatus.ok : ExitStatus.failed;
}

function reportText(report: LabReport): string {
  const mark = isSound(report) ? '✓' : '✗';
  const head = `${mark} ${report.id}  ${report.seconds} s, checks ${report.checkMs} ms`;
  return [head, ...report.problems.map(problem => `    ${problem}`)].join('\n');
}

async function build(ids: string[], { labs, out }: LabOptions): Promise<void> {
  for (const id of await idsOf(ids, labs)) {
    const place = join(resolve(labs), id);
    const english = (await readTextIfThere(join(place, 'lab.md'))) ?? '';
    const chinese = await findTranslation(place, 'zh');
    for (const page of [{ text: english, language: 'en' }, ...(chinese ? [chinese] : [])]) {
      const { text, language } = page;
      const file = join(resolve(out), `${id}${language === 'en' ? '' : `.${language}`}.ipynb`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${JSON.stringify(labNotebook(text, { id, language }), null, 1)}\n`);
      console.log(file);
    }
  }
}
