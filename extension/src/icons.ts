import { LabIcon } from '@jupyterlab/ui-components';

const svg = (body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g class="jp-icon3" fill="#616161">${body}</g></svg>`;

const icon = (name: string, body: string): LabIcon => new LabIcon({ name: `bpflab:${name}`, svgstr: svg(body) });

/** A histogram: our mark, on launcher cards and in the menu. */
export const labIcon = icon('lab', '<path d="M4 5h3v15H4zM9 11h3v9H9zM14 8h3v12h-3zM19 15h2v5h-2z"/>');
/** A lesson: an open book. */
export const lessonIcon = icon(
  'lesson',
  '<path d="M12 6.500C10.300 5 7.500 4.500 3 4.500V18c4.500 0 7.300.500 9 2 1.700-1.500 4.500-2 9-2V4.500c-4.500 0-7.300.500-9 2zm-7 .100c2.600.100 4.500.600 6 1.600v9.200c-1.600-.800-3.600-1.200-6-1.300zm14 9.500c-2.400.100-4.400.500-6 1.300V8.200c1.500-1 3.400-1.500 6-1.600z"/>'
);
/** A team: three people. */
export const teamIcon = icon(
  'team',
  '<circle cx="12" cy="7" r="3"/><circle cx="5" cy="10" r="2.200"/><circle cx="19" cy="10" r="2.200"/><path d="M7 19v-3a5 5 0 0 1 10 0v3zM1.500 18v-2a3.500 3.500 0 0 1 4.500-3.300V18zM18 18v-5.300a3.500 3.500 0 0 1 4.500 3.300v2z"/>'
);
/** Attached, live, ready: a filled dot in a ring. */
export const liveIcon = icon(
  'live',
  '<path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14z"/><circle cx="12" cy="12" r="4"/>'
);
/** Starting: a ring with a clock's hand. */
export const startingIcon = icon(
  'starting',
  '<path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14zm-1 2h2v4.500l3.500 2-1 1.700L11 12.600z"/>'
);
/** Ended, stopped, not connected: an empty ring. */
export const endedIcon = icon(
  'ended',
  '<path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14z"/>'
);
/** Failed or lost: a ring with a cross. */
export const failedIcon = icon(
  'failed',
  '<path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM9.200 7.800 7.800 9.200l2.800 2.800-2.800 2.800 1.400 1.400 2.800-2.800 2.800 2.800 1.400-1.400-2.800-2.800 2.800-2.800-1.400-1.400-2.800 2.800z"/>'
);
/** A saved picture of the data: a page with a corner. */
export const snapshotIcon = icon(
  'snapshot',
  '<path d="M6 3h9l4 4v14H6zm2 2v14h9V8.500h-3.500V5zm1.500 6h6v1.500h-6zm0 3h6v1.500h-6z"/>'
);
/** Follow: an arrow down onto a line. */
export const followIcon = icon(
  'follow',
  '<path d="M11 4h2v8.200l3-3 1.400 1.400L12 16l-5.400-5.400L8 9.200l3 3zM5 18h14v2H5z"/>'
);
/** Which kernel programs run on: a chip. */
export const targetIcon = icon(
  'target',
  '<path d="M9 2h2v3h2V2h2v3h2a2 2 0 0 1 2 2v2h3v2h-3v2h3v2h-3v2a2 2 0 0 1-2 2h-2v3h-2v-3h-2v3H9v-3H7a2 2 0 0 1-2-2v-2H2v-2h3v-2H2V9h3V7a2 2 0 0 1 2-2h2zM7 7v10h10V7zm2.500 2.500h5v5h-5z"/>'
);
/** A course over time: a line in a frame. */
export const overTimeIcon = icon(
  'over-time',
  '<path d="M4 4h2v14h15v2H4zm4.500 11.500 4-5 3 2.500 4.200-6 1.600 1.200-5.500 7.800-3-2.500-2.700 3.300z"/>'
);
/** Which columns are shown: three columns, one of them hollow. */
export const columnsIcon = icon(
  'columns',
  '<path d="M4 5h5v14H4zm6.500 0H14v14h-3.500zM15.500 5H21v14h-5.500zM17 6.500v11h2.500v-11z"/>'
);
/** The inspector: a lens over lines. */
export const inspectorIcon = icon(
  'inspector',
  '<path d="M4 4h16v2H4zm0 5h5v2H4zm0 5h4v2H4zm0 5h6v2H4z"/><path d="M14.500 8.500a5 5 0 1 0 2.900 9.100l2.900 2.900 1.400-1.400-2.900-2.900a5 5 0 0 0-4.300-7.700zm0 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6z"/>'
);
