import './heap-growth.js';
import { Command, CommanderError } from 'commander';
import { LabError } from '../protocol/index.js';
import { ExitStatus } from './exit-status.js';
import { clusterCommand } from './cluster-command.js';
import { doctorCommand } from './doctor-command.js';
import { execCommand } from './exec-command.js';
import { exportCommand } from './export-command.js';
import { importCommand } from './import-command.js';
import { kernelCommand } from './kernel-command.js';
import { labCommand } from './lab-command.js';
import { kernelspecCommand } from './kernelspec-command.js';
import { lessonsCommand } from './lessons-command.js';
import { imageCommand } from './image-command.js';
import { runCommand } from './run-command.js';
import { serveCommand } from './serve-command.js';
import { teamCommand } from './team-command.js';

const program = new Command('bpflab')
  .description('Learn, write and show eBPF in a JupyterLab notebook, on a real kernel.')
  .showHelpAfterError('(--help shows the options)')
  .addCommand(runCommand())
  .addCommand(execCommand())
  .addCommand(exportCommand())
  .addCommand(serveCommand())
  .addCommand(doctorCommand())
  .addCommand(kernelCommand())
  .addCommand(imageCommand())
  .addCommand(lessonsCommand())
  .addCommand(importCommand())
  .addCommand(clusterCommand())
  .addCommand(labCommand())
  .addCommand(teamCommand())
  .addCommand(kernelspecCommand());

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
