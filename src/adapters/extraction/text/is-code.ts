/** Lines as programs and settings have them, and prose has not. */
const CODE_LINES = [
  /[;{}]\s*(\/\/.*)?$/,
  /^\s*(import|from|export|const|let|var|def|class|func|function|fn|pub|use|package|public|private|protected|static|return|if|else|elif|for|while|switch|case|try|catch|end|struct|enum|type|interface|namespace|module|require|include|using)\b.*[({:;=<>'"]/,
  /^\s*(\/\/|\/\*|\*\/|#include|#define|#!|<!--|<\/?[a-z][\w:-]*[ >/]|@[a-z]+\b|\$\w|--\s)/i,
  /^\s*[\w.$[\]'"-]+\s*(=|:=|\+=|=>|<-)\s*\S/,
  /^\s*[\w.-]+:\s*\S*$/,
  /^\s*[\w.]+\(.*\)\s*[:;{]?$/,
  /^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|FROM|WHERE|JOIN|BEGIN|COMMIT)\b/,
  /^\s*[)\]}]+[,;)]*$/,
];

/** Whether lines look like the source of a program rather than like something that people wrote to be read. */
export function isCode(lines: string[]): boolean {
  let filled = 0;
  let code = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    filled += 1;
    // Prose is long, and patterns are not run over what has no end.
    if (line.length < 400 && CODE_LINES.some((pattern) => pattern.test(line))) code += 1;
  }
  return filled >= 2 && code / filled >= 0.5;
}
