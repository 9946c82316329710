/** Opens a target (`vm` or `host`) with the built gateway and keeps it; prints one line when its agent has answered. */
import { connectAgent } from '../../kernel-gateway/lib/adapters/agent/connect-agent.js';
import { createHostTarget } from '../../kernel-gateway/lib/adapters/host/host-target.js';
import { cacheRoot } from '../../kernel-gateway/lib/adapters/install/cache-root.js';
import { readInstalled } from '../../kernel-gateway/lib/adapters/install/installed.js';
import { createVmTarget } from '../../kernel-gateway/lib/adapters/vm/vm-target.js';

const installed = readInstalled();
const target =
  process.argv[2] === 'host'
    ? createHostTarget({ agentPath: installed.agent.path })
    : createVmTarget({ cacheRoot: cacheRoot(), installed, keepSpare: true });
const { signal } = new AbortController();
const channel = await target.open({ session: 'orphan', kernel: null, signal, progress: () => {} });
await connectAgent(channel, { protocol: 1, session: 'orphan', after: '0', lease_s: 10 });
process.stdout.write('ready\n');
