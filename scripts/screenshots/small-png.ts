import { writeFile } from 'node:fs/promises';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const MOST_COLOURS = 256;

/**
 * Writes a picture of the page with at most 256 colours, which is all that a page without photographs needs: a fifth of the
 * size. Takes what browsers make of a page: 8 bits a channel, not interlaced.
 */
export async function writeSmallPng(file: string, png: Buffer): Promise<void> {
  const { width, height, channels, data } = readChunks(png);
  const pixels = unfilter(data, width, height, channels);
  const { palette, indexes } = quantise(pixels, channels);
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    indexes.copy(rows, row * (width + 1) + 1, row * width, (row + 1) * width);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const body = deflateSync(rows, { level: 9, memLevel: 9 });
  const chunks = [chunk('IHDR', head), chunk('PLTE', palette), chunk('IDAT', body), chunk('IEND', Buffer.alloc(0))];
  await writeFile(file, Buffer.concat([SIGNATURE, ...chunks]));
}

function readChunks(png: Buffer) {
  let offset = SIGNATURE.length;
  let [width, height, channels] = [0, 0, 0];
  const parts: Buffer[] = [];
  while (offset < png.length) {
    const length = png.readUInt32BE(offset);
    const type = png.toString('latin1', offset + 4, offset + 8);
    const body = png.subarray(offset + 8, offset + 8 + length);
    if (type === 'IHDR') {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      channels = body[9] === 6 ? 4 : 3;
    }
    if (type === 'IDAT') parts.push(body);
    offset += length + 12;
  }
  return { width, height, channels, data: inflateSync(Buffer.concat(parts)) };
}

/** Each row says how it was filtered: by nothing, its left, the row above, both, or Paeth's choice. */
function unfilter(data: Buffer, width: number, height: number, channels: number): Buffer {
  const stride = width * channels;
  const pixels = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = data[row * (stride + 1)] ?? 0;
    const start = row * stride;
    for (let at = 0; at < stride; at += 1) {
      const raw = data[row * (stride + 1) + 1 + at] ?? 0;
      const left = at >= channels ? (pixels[start + at - channels] ?? 0) : 0;
      const above = row > 0 ? (pixels[start + at - stride] ?? 0) : 0;
      const corner = at >= channels && row > 0 ? (pixels[start + at - stride - channels] ?? 0) : 0;
      pixels[start + at] = raw + predicted(filter, left, above, corner);
    }
  }
  return pixels;
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  if (filter !== 4) return 0;
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** The most frequent colours; every other becomes the nearest of them. */
function quantise(pixels: Buffer, channels: number): { palette: Buffer; indexes: Buffer } {
  const counts = new Map<number, number>();
  const count = pixels.length / channels;
  const colours = new Uint32Array(count);
  for (let index = 0; index < count; index += 1) {
    const colour = pixels.readUIntBE(index * channels, 3);
    colours[index] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const kept = [...counts].sort((one, other) => other[1] - one[1]).slice(0, MOST_COLOURS);
  const palette = kept.map(([colour]) => colour);
  const places = new Map(palette.map((colour, index) => [colour, index]));
  const indexes = Buffer.alloc(count);
  for (const [index, colour] of colours.entries()) {
    let place = places.get(colour);
    if (place === undefined) {
      place = nearest(colour, palette);
      places.set(colour, place);
    }
    indexes[index] = place;
  }
  return { palette: Buffer.from(palette.flatMap((colour) => channelsOf(colour))), indexes };
}

const channelsOf = (colour: number): [number, number, number] => [colour >> 16, (colour >> 8) & 255, colour & 255];

function nearest(colour: number, palette: readonly number[]): number {
  const [red, green, blue] = channelsOf(colour);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, candidate] of palette.entries()) {
    const [r, g, b] = channelsOf(candidate);
    const distance = (red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(body.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
