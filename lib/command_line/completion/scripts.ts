/**
 * The scripts that teach a shell to complete `kubecode`. Each asks the program itself, by the hidden
 * command `__complete` (answer.ts), and only hands over what it says: nothing that comes from a
 * kubeconfig is ever evaluated by the shell.
 */
import { type Shell, SHELLS } from "./shells.ts";

const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Bash 3.2, which macOS has, knows neither mapfile nor compopt.
  bash: `# bash completion for kubecode
_kubecode() {
  local reply
  COMPREPLY=()
  while IFS= read -r reply; do
    case $reply in
      ": files") ;;
      ": nothing") type compopt >/dev/null 2>&1 && compopt +o default +o bashdefault ;;
      *) COMPREPLY+=("$reply") ;;
    esac
  done < <(command kubecode __complete bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -o default -o bashdefault -F _kubecode kubecode`,

  zsh: `#compdef kubecode
_kubecode() {
  local -a lines
  lines=("\${(@f)$(command kubecode __complete zsh "\${(Q)PREFIX}" "\${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
  local directive=$lines[-1]
  lines=("\${(@)lines[1,-2]}")
  (( $#lines )) && _describe -V kubecode lines
  if [[ $directive == ": files" ]]; then
    compset -P '--[a-z-]#='
    _files
  fi
}
if [[ $funcstack[1] == _kubecode ]]; then
  _kubecode "$@"
else
  compdef _kubecode kubecode
fi`,

  fish: `# fish completion for kubecode
function __kubecode_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    set -l current (string unescape -- $token; or string unescape -- $token\\'; or string unescape -- $token\\")
    set -l lines (command kubecode __complete fish "$current" $words[2..] 2>/dev/null)
    test (count $lines) -gt 1; and printf '%s\\n' $lines[1..-2]
    if test "$lines[-1]" = ": files"
        set -l flag (string match -r -- '^--[a-z-]+=' $current)
        printf '%s\\n' "$flag"(__fish_complete_path (string replace -r -- '^--[a-z-]+=' '' $current))
    end
end
complete -c kubecode -f -a '(__kubecode_complete)'`,

  powershell: `# PowerShell completion for kubecode
Register-ArgumentCompleter -Native -CommandName 'kubecode' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value }
            else { $_.Extent.Text }
        })
    $current = $wordToComplete -replace "^['\`"]", ''
    $program = Get-Command -Name kubecode -CommandType Application -ErrorAction SilentlyContinue |
        Select-Object -First 1
    if (-not $program) { return }
    & $program __complete powershell "=$current" @words 2>$null | ForEach-Object {
        $value, $text = $_ -split "\`t", 2
        if (-not $text) { $text = $value }
        $word = $value
        if ($value -notmatch '^[A-Za-z0-9_./:=-]+$') {
            $word = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($value) + "'"
        }
        [System.Management.Automation.CompletionResult]::new($word, $value, 'ParameterValue', $text)
    }
}`,

  // https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/
  kubectl: `#!/bin/sh
# completion for kubectl code: the file kubectl_complete-code, executable, on PATH
exec kubectl code __complete kubectl "$@"`,
};

/** The script for a shell; undefined where there is none. */
export function scriptFor(shell: string): string | undefined {
  const known = SHELLS.find((name) => name === shell);
  return known && SCRIPTS[known];
}
