/**
 * A notebook that others follow: what its owner's page tells, and what theirs hear (docs/guides/demos.md). A module without
 * zod, so that a browser bundle stays small.
 */

/** Socket of a notebook, its path follows; without one, the route that begins and ends showing. */
export const FOLLOW_PATH = 'bpflab/api/follow';

/** A cell as followers see it; outputs come from the record (protocol/outputs.ts). */
export interface FollowedCell {
  id: string;
  type: 'code' | 'markdown' | 'raw';
  source: string;
}

/** The owner's page sends it after each change; a follower gets the newest first, then each one. */
export interface FollowedNotebook {
  type: 'notebook';
  cells: FollowedCell[];
  /** Cell that the owner is at, empty when none. */
  active: string;
}

/** Told to everybody on the socket. */
export type FollowMessage = FollowedNotebook | { type: 'viewers'; count: number };

/** `GET follow`: notebooks that are shown, with the addresses of their pages below the server's own. */
export interface SharedNotebooks {
  shared: { path: string; link: string }[];
}
