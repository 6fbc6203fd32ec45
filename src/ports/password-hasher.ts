/** Slow, salted hashes of passwords. */
export type PasswordHasher = {
  /** Returns the hash with its parameters and salt, in PHC format. */
  hash(password: string): Promise<string>;
  /** Takes as long for a hash of null (no such account) as for a real one. */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** Whether it is among the passwords that are tried first. */
  isCommon(password: string): Promise<boolean>;
};
