import { Command } from 'commander';
import { runImageSteps } from './run-image-steps.js';

/** `bpflab image add LAYER`: parts of the images that not everybody needs. Exit status 1 when refused or failed. */
export function imageCommand(): Command {
  const image = new Command('image').description('adds to the images what not everybody needs');
  image
    .command('add')
    .description(
      'kernel-headers: headers of all installed kernels in their guests, for bcc and modules; blazesym: names of stacks; go, java: their compilers'
    )
    .argument('<layer>', 'kernel-headers, blazesym, go or java')
    .option('--mirror <address>', 'Debian archive to fetch from, such as http://deb.debian.org/debian')
    .option('--offline', 'fetch nothing')
    .action(async (layer: string, options: { mirror?: string; offline?: true }) =>
      runImageSteps([
        ...['image', 'add', layer],
        ...(options.mirror ? ['--mirror', options.mirror] : []),
        ...(options.offline ? ['--offline'] : [])
      ])
    );
  return image;
}
