const CHECK_MS = 500;

/**
 * npm runs a script through a shell. A signal to npm alone ends the shell and not the program, which would go on unseen
 * with its port and its database.
 */
export function onceOrphaned(then: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, CHECK_MS);
  timer.unref();
}
