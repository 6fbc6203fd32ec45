export type ServerEvent = { event: string; data: string };

/**
 * Takes a text/event-stream apart, however it was cut into pieces: each call takes the next piece and gives the events
 * that it completes. Comments and fields that GraphQL does not use are skipped.
 */
export function splitEvents(): (piece: string) => ServerEvent[] {
  let rest = '';
  let event = '';
  let data: string[] = [];

  function take(line: string, found: ServerEvent[]): void {
    if (line === '') {
      if (event !== '' || data.length > 0) found.push({ event: event || 'message', data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
  }

  return (piece) => {
    const found: ServerEvent[] = [];
    const text = rest + piece;
    let start = 0;
    for (const { 0: end, index } of text.matchAll(/\r\n|\n|\r/g)) {
      // The \n of a \r\n may still be on its way.
      if (end === '\r' && index === text.length - 1) break;
      take(text.slice(start, index), found);
      start = index + end.length;
    }
    rest = text.slice(start);
    return found;
  };
}
