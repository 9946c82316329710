/** Whether a kernel's release is the wanted one or begins with its numbers: "6.1" is the start of 6.1.0-56, and not of 6.12. */
export const isReleaseOf = (release: string, wanted: string): boolean =>
  release.startsWith(wanted) && /^([.\-+]|$)/.test(release.slice(wanted.length));
