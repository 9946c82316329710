/**
 * Every error that a user can meet. `docs/errors.md` has a row for each (test/house proves it).
 * `hint` is the one next step; `{…}` are filled in by the place that raises it.
 */

/** One row: the next step, and whether trying again can help. */
export interface ErrorRow {
  hint: string;
  retryable: boolean;
}

const row = (hint: string, retryable = false): ErrorRow => ({ hint, retryable });

/** Code to row; codes are `BPFLAB_<AREA>_<WHAT>`. */
export const errorTable = {
  BPFLAB_CELL_MAGIC_UNKNOWN: row('Run %lsmagic for the list of magics.'),
  BPFLAB_CELL_OPTION: row('Run the magic with ? for its options, for example %%bpf?.'),
  BPFLAB_CELL_TOO_LARGE: row('Put data into a file with %%file and keep the cell below 1 MiB.'),
  BPFLAB_CELL_COMMAND_FAILED: row('Look at what it printed; the status is its own.'),
  BPFLAB_CELL_INTERRUPTED: row('Run the cell again when you are ready.', true),
  BPFLAB_CC_FAILED: row('Correct the first error that is marked in the cell; the later ones often follow from it.'),
  BPFLAB_CC_LIMIT: row('Make the program smaller; the compiler has 20 s of CPU time and 2 GiB of memory per cell.'),
  BPFLAB_CC_SANDBOX: row('Run npx bpflab doctor; it names what the compile sandbox lacks on this machine.', true),
  BPFLAB_MAKE_FAILED: row('Look at what make printed; the first error is the one that counts.'),
  BPFLAB_CRATES_FETCH: row(
    'Check network and proxy, or name a mirror in ~/.cargo/config.toml; what was fetched once is kept.',
    true
  ),
  BPFLAB_OBJECT_INVALID: row('Check that the file is a BPF object made by clang -target bpf.'),
  BPFLAB_OBJECT_NO_PROGRAM: row('Give at least one function a SEC("…") name, or use %%file for a header.'),
  BPFLAB_OBJECT_SECTION_UNKNOWN: row('Correct the SEC name; the completion after SEC(" lists those that libbpf knows.'),
  BPFLAB_PREFLIGHT_UNSUPPORTED: row('Choose another target or kernel: %kernels lists what is installed.'),
  BPFLAB_VERIFIER_REJECTED: row('Look at the marked line; the whole log of the verifier is below it.'),
  BPFLAB_LOAD_FAILED: row('Read the lines of libbpf below the message.'),
  BPFLAB_LOAD_MAP: row('Check type, sizes and max_entries of the map.'),
  BPFLAB_ATTACH_FAILED: row('Check that the function, tracepoint, interface or cgroup exists on the target.'),
  BPFLAB_DETACH_REFUSED: row('End the run or the process that owns it; the inspector names both.'),
  BPFLAB_VIEW_FILTER: row('Correct the expression; docs/reference/filters.md says what one can write.'),
  BPFLAB_MAP_UNKNOWN: row('Run %maps for the names of the maps that are loaded.'),
  BPFLAB_MAP_SIZE_MISMATCH: row('Give keys and values with exactly the size of the map.'),
  BPFLAB_MAP_OPERATION: row('Check that the map type supports the operation and that the key exists.'),
  BPFLAB_GLOBAL_UNKNOWN: row('Run %set without arguments for the globals that can be set.'),
  BPFLAB_VALUE_INVALID: row(
    'Give a number (10, -3, 0xff), true or false, a name of the enum, text, or {.member = value} for a struct.'
  ),
  BPFLAB_RUN_UNKNOWN: row('Run %progs for the runs that are alive.'),
  BPFLAB_EXEC_FAILED: row('Check that the program exists in the target and is executable.'),
  BPFLAB_PACKET_INVALID: row('Run %%testrun? for headers and fields; a line is HEADER FIELD=VALUE ….'),
  BPFLAB_TESTRUN_PROGRAM: row('Load a program that takes packets with %%bpf, or name one: %%testrun PROGRAM.'),
  BPFLAB_TESTRUN_REFUSED: row('Check the length of the packet and the fields of the context against the message.'),
  BPFLAB_TESTRUN_EXPECTED: row('Compare the packet with what the program looks at; its bytes are in the output.'),
  BPFLAB_AGENT_PROTOCOL: row('Run npm start again so that gateway and agent are of one version.'),
  BPFLAB_AGENT_REQUEST: row('This is a fault in the lab, not in your program; report the message.'),
  BPFLAB_AGENT_LIMIT: row('Stop runs that are not needed any more with %stop.'),
  BPFLAB_TARGET_LOST: row('Run the cell again; the session gets a new target.', true),
  BPFLAB_TARGET_BUSY: row('End what runs with %stop, then run the cell again; the machine is made anew.'),
  BPFLAB_TARGET_START: row('Run npx bpflab doctor; it names what is missing.', true),
  BPFLAB_TARGET_UNKNOWN: row('Use one of: vm, host, pod, pod:NODE, replay:FILE.'),
  BPFLAB_REPLAY_MISMATCH: row(
    'Run the cells as they were recorded, in their order; %reset begins the recording anew, %target vm runs this cell for real.'
  ),
  BPFLAB_WAIT_TIMEOUT: row('Make the traffic that the program should see, or wait longer with --timeout.', true),
  BPFLAB_FORMAT_FAILED: row('Correct the style in .clang-format, or remove that file from the session.'),
  BPFLAB_FILE_PATH: row('Use a path below the folder of the session, without "..".'),
  BPFLAB_IMAGE_MISSING: row('Run npm start once with a network, or without --offline.', true),
  BPFLAB_IMAGE_FETCH: row(
    'Check network and proxy, or name a mirror with --mirror; then run it again, it goes on where it stopped.',
    true
  ),
  BPFLAB_IMAGE_BUILD: row('Run it again; when it fails again, remove the folder that the message names.', true),
  BPFLAB_DISK_FULL: row('Free space on the disk that the message names, then run it again.', true),
  BPFLAB_CLUSTER_CONFIG: row('Set KUBECONFIG to the file of your cluster, or name a context of it with --context.'),
  BPFLAB_CLUSTER_UNREACHABLE: row(
    'Try kubectl get nodes; when it fails too, the cluster or the way to it is down.',
    true
  ),
  BPFLAB_CLUSTER_ACCESS: row(
    'Ask who runs the cluster for the role that the message names; bpflab-user has all of them.'
  ),
  BPFLAB_CLUSTER_REQUEST: row('Look at the cluster with kubectl -n bpflab get pods,events.', true),
  BPFLAB_CLUSTER_NOT_UP: row('Put the agents on the nodes: npx bpflab cluster up.'),
  BPFLAB_CLUSTER_IMAGE: row(
    'Name a registry that the nodes reach with --push REF, or an image that they have with --image NAME.'
  ),
  BPFLAB_REGISTRY_PUSH: row('Check the name and your login of the registry, then run it again.', true),
  BPFLAB_KIND_MISSING: row(
    'Install Docker and kind and start Docker, or use a cluster that you have: npx bpflab cluster up --context NAME.'
  ),
  BPFLAB_KIND_FAILED: row('Read what it printed; then run it again, it goes on or begins anew.', true),
  BPFLAB_CLUSTER_NODE: row('Choose another node, or look at it with kubectl -n bpflab describe pods.', true),
  BPFLAB_DEPLOY_TAKEN: row('Give the object another name or namespace, or remove the one that is there.'),
  BPFLAB_DEPLOY_NOT_READY: row('Look at it with %%kubectl describe, and run the cell again.', true),
  BPFLAB_POD_UNKNOWN: row('See which pods run and where: kubectl get pods -A -o wide.', true),
  BPFLAB_POD_FILTER: row('Leave the restriction out, or choose programs that run for a task.'),
  BPFLAB_CLUSTER_VERSION: row(
    'Bring the agents to the version of this gateway: npx bpflab cluster up, with the options of the first time.'
  ),
  BPFLAB_POLICY_REFUSED: row('Ask who runs the cluster; npx bpflab cluster policy shows what is permitted.'),
  BPFLAB_POLICY_LIMIT: row('End a session that you do not need, or choose another node with --node NAME.', true),
  BPFLAB_POLICY_INVALID: row('Correct the policy, and put it up again: npx bpflab cluster up --policy FILE.'),
  BPFLAB_LAB_UNKNOWN: row('Open a lab from the launcher; npx bpflab lab lint lists those that there are.'),
  BPFLAB_LAB_SETUP: row('Run the cell again; %reset gives the lab a fresh target.', true),
  BPFLAB_LAB_EXISTS: row('Choose another name for the lab, or remove the folder.'),
  BPFLAB_TEAM_PERSON: row('Give a name with at least one letter or digit.'),
  BPFLAB_TEAM_RESET: row('Look at the panel anew; an instructor asks again with "Begin Anew…" below the table.'),
  BPFLAB_TEAM_WRITE: row('Check that you may write into the folder team/ of the workspace, then do it again.', true),
  BPFLAB_FOLLOW_FORK: row('Ask its owner for a new address (eBPF → Show Live…), one that this computer reaches.'),
  BPFLAB_TEAM_COMMIT: row('Look at the repository with git status; the file itself is written.', true),
  BPFLAB_CONTENTS_PATH: row('Use a path below the notebook folder.'),
  BPFLAB_CONTENTS_MISSING: row('Refresh the file browser; the file may have been renamed or removed.'),
  BPFLAB_CONTENTS_EXISTS: row('Choose another name, or remove the file that has it.'),
  BPFLAB_CONTENTS_FORMAT: row('Open the file with the text editor, or download it.'),
  BPFLAB_EXPORT_BROWSER: row('Install Chromium or Chrome, or name its program in BPFLAB_CHROMIUM.', true),
  BPFLAB_ACCESS_TOKEN: row('Open the address with ?token= that npm start has printed.'),
  BPFLAB_ACCESS_ORIGIN: row(
    'Open the server by the address that npm start has printed; name a proxy with --allow-host.'
  ),
  BPFLAB_ACCESS_SCOPE: row('Ask the owner of the server for the token that may change things.'),
  BPFLAB_REQUEST_INVALID: row('Reload the page so that it is of the same version as the server.'),
  BPFLAB_REQUEST_UNKNOWN: row('Reload the page; what was asked for may have been closed.'),
  BPFLAB_COMM_LIMIT: row('Reload the page: it closes what it does not show any more.'),
  BPFLAB_SERVER_LISTEN: row('Choose another port with --port, or stop the program that uses this one.'),
  BPFLAB_GATEWAY_START: row('Run npm start once, so that set-up is complete; npx bpflab doctor says what is missing.'),
  BPFLAB_TERMINAL_START: row('Run npx bpflab doctor; it names what terminals lack on this machine.', true),
  BPFLAB_APPLICATION_MISSING: row('Run npm start, or npm run build to build the application alone.'),
  BPFLAB_LESSONS_SOURCE: row(
    'Name a folder that is a clone of a repository with BPF programs, or an address that git clone takes.'
  ),
  BPFLAB_CONFIG_OPTION: row('See npx bpflab --help for the options and their values.'),
  BPFLAB_INTERNAL: row('This is a fault in the lab, not in your program; report the message.')
} as const satisfies Record<string, ErrorRow>;

/** One of the codes of `errorTable`. */
export type ErrorCode = keyof typeof errorTable;
