/**
 * What counts as one address: of IPv4 all of it, of IPv6 the network, because whoever has one address in it has as many
 * of them as he likes (a /64). `ip` is an address without a zone.
 */
export function addressBlock(ip: string): string {
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  // An IPv4 address at the end stands for two groups.
  const length = (parts: string[]) => parts.length + (parts.at(-1)?.includes('.') ? 1 : 0);
  const after = groups(tail ?? '');
  const omitted = tail === undefined ? 0 : Math.max(0, 8 - length(before) - length(after));
  const network = [...before, ...Array<string>(omitted).fill('0'), ...after].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
