import './heap-growth.js';
import { Command, CommanderError } from 'commander';
import { LabError } from '../protocol/index.js';
import { ExitStatus } from './exit-status.js';

/** Read only when asked for: a server would keep in memory what only other commands need, and each start would read it. */
const commands = new Map(
  Object.entries<() => Promise<Command>>({
    run: async () => (await import('./run-command.js')).runCommand(),
    exec: async () => (await import('./exec-command.js')).execCommand(),
    export: async () => (await import('./export-command.js')).exportCommand(),
    credits: async () => (await import('./credits-command.js')).creditsCommand(),
    serve: async () => (await import('./serve-command.js')).serveCommand(),
    doctor: async () => (await import('./doctor-command.js')).doctorCommand(),
    kernel: async () => (await import('./kernel-command.js')).kernelCommand(),
    image: async () => (await import('./image-command.js')).imageCommand(),
    lessons: async () => (await import('./lessons-command.js')).lessonsCommand(),
    import: async () => (await import('./import-command.js')).importCommand(),
    cluster: async () => (await import('./cluster-command.js')).clusterCommand(),
    lab: async () => (await import('./lab-command.js')).labCommand(),
    team: async () => (await import('./team-command.js')).teamCommand(),
    kernelspec: async () => (await import('./kernelspec-command.js')).kernelspecCommand()
  })
);

const program = new Command('bpflab')
  .description('Learn, write and show eBPF in a JupyterLab notebook, on a real kernel.')
  .showHelpAfterError('(--help shows the options)');

const asked = commands.get(process.argv[2] ?? '');
for (const load of asked ? [asked] : commands.values()) program.addCommand(await load());

// Commander's own status for wrong usage is 1, which here means that a program failed.
for (const command of [program, ...program.commands]) {
  command.exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? ExitStatus.ok : ExitStatus.usage;
  } else if (error instanceof LabError) {
    console.error(`${error.code}: ${error.message}\n${error.hint}`);
    process.exitCode = ExitStatus.failed;
  } else {
    throw error;
  }
}
