const numbersOf = (release: string): [number, number] => {
  const [major = 0, minor = 0] = release.split('.').map(part => parseInt(part, 10) || 0);
  return [major, minor];
};

/** Whether a kernel ("6.12.1-cloud") comes before a release ("6.13"), by its first two numbers; nothing comes before "". */
export function isOlderRelease(release: string, than: string): boolean {
  const [ownMajor, ownMinor] = numbersOf(release);
  const [major, minor] = numbersOf(than);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
