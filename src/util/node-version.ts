/** The first one that has all that is used: `node:sqlite` without a flag. */
export const LEAST_NODE = '22.13';
/** What the tests run on. */
export const TESTED_NODE = 24;

export function isNodeTooOld(version = process.versions.node): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
