/** `kubecode completion` and `kubecode man`. */
import type { Command } from "commander";
import { InputError } from "../../errors.ts";
import { didYouMean } from "../../std/nearest.ts";
import { scriptFor } from "../completion/scripts.ts";
import { SHELLS } from "../completion/shells.ts";
import { manPage } from "../man_page.ts";
import type { Choose } from "../task.ts";

/** Adds the commands. */
export function defineShell(program: Command, choose: Choose): void {
  program.command("completion <SHELL>")
    .summary("print the completion for a shell, or for kubectl")
    .copyInheritedSettings(program)
    .description(
      `Print the script by which a shell completes the words of kubecode, which must be on PATH.

  bash         source <(kubecode completion bash) in ~/.bashrc
  zsh          source <(kubecode completion zsh)  in ~/.zshrc, below compinit
  fish         kubecode completion fish | source  in ~/.config/fish/config.fish
  powershell   kubecode completion powershell | Out-String | Invoke-Expression
                                                  in the file $PROFILE
  kubectl      kubecode completion kubectl > kubectl_complete-code
                                                  executable, and on PATH`,
    )
    .action((shell: string) => {
      const script = scriptFor(shell);
      if (script === undefined) {
        throw new InputError(
          `Cannot complete for "${shell}": SHELL is one of ${SHELLS.join(", ")}${
            didYouMean(shell, SHELLS)
          }`,
        );
      }
      choose({ kind: "print", text: script });
    });
  program.command("man")
    .summary("print the manual page")
    .description("Print the manual page as roff.\n\n  kubecode man | man -l -")
    .copyInheritedSettings(program)
    .action(() => choose({ kind: "print", text: manPage(program) }));
}
