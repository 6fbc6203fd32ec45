// The theme that a person has chosen, before anything is painted: the page's own script comes too late for that, and
// the content policy allows none in the document. Afterwards settings/theme.ts sees to it.
try {
  const theme = JSON.parse(localStorage.getItem('colloquy.theme') ?? 'null');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage it is the system's.
}
