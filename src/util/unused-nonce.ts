/** A nonce that stands in none of the texts: what it fences cannot end the fence. */
export function unusedNonce(createNonce: () => string, texts: string[]): string {
  for (;;) {
    const nonce = createNonce();
    if (!texts.some((text) => text.includes(nonce))) return nonce;
  }
}
