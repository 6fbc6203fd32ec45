/** Nothing that is taken for something else when it is read out or typed from paper. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** A random password of four groups: about 116 bits, which nobody guesses. */
export function generatePassword(): string {
  const groups = Array.from({ length: GROUPS }, () => Array.from({ length: GROUP_LENGTH }, letter).join(''));
  return groups.join('-');
}

/** All letters are equally likely: bytes beyond the last whole alphabet are drawn again. */
function letter(): string {
  const most = 256 - (256 % ALPHABET.length);
  for (;;) {
    const [byte = most] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < most) return ALPHABET.charAt(byte % ALPHABET.length);
  }
}
