import { Argument, type Command } from '@commander-js/extra-typings';
import { complete } from '../complete.ts';
import { examples } from '../options.ts';
import type { Shell } from '../shell.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Each asks `colloquy complete`, so that none is ever older than the command. */
const SCRIPTS: Record<(typeof SHELLS)[number], string> = {
  bash: `_colloquy() {
  local IFS=$'\\n'
  COMPREPLY=($(colloquy complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _colloquy colloquy
`,
  zsh: `#compdef colloquy
_colloquy() {
  local -a found
  found=("\${(@f)$(colloquy complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then
    _files
    return
  fi
  found=("\${(@)found//:/\\\\:}")
  found=("\${(@)found/$'\\t'/:}")
  _describe 'colloquy' found
}
compdef _colloquy colloquy
`,
  fish: `complete -c colloquy -a '(colloquy complete -- (commandline -opc)[2..] (commandline -ct | string collect --allow-empty))'
`,
};

export function addCompletion(program: Command, shell: Shell): void {
  program
    .command('completion')
    .summary('completion for a shell')
    .description('Print what makes a shell complete the words of this command.')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      `${examples(
        'completion bash >> ~/.bashrc',
        'completion zsh >> ~/.zshrc',
        'completion fish > ~/.config/fish/completions/colloquy.fish',
      )}`,
    )
    .action((name) => shell.write(SCRIPTS[name]));
  program
    .command('complete', { hidden: true })
    .description('What may stand in the place of the last word, one a line.')
    .argument('[words...]', 'what has been typed')
    .action((words) => {
      for (const { value, description } of complete(program, words)) {
        shell.write(description ? `${value}\t${description.replaceAll(/\s+/g, ' ')}\n` : `${value}\n`);
      }
    });
}
