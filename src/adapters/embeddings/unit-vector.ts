/** A vector of length 1 from numbers, or from the Base64 of little-endian floats. Null: it is no vector, or has no direction. */
export function unitVector(values: unknown): Float32Array | null {
  const vector = typeof values === 'string' ? fromBase64(values) : fromNumbers(values);
  if (!vector || vector.length === 0) return null;
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length === 0) return null;
  for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) / length;
  return vector;
}

function fromBase64(text: string): Float32Array | null {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0) return null;
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

function fromNumbers(values: unknown): Float32Array | null {
  const isNumbers = Array.isArray(values) && values.every((value) => typeof value === 'number');
  return isNumbers ? Float32Array.from(values) : null;
}
