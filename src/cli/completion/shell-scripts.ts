/** Shells that `imgproc completion` knows. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

/** Line that stands for files, which the shell completes itself. */
export const FILES = ':files'

/*
 * Each script asks the command for the words that fit, so that new presets are there at once. A line is a word, a tab and its
 * meaning.
 */

/** Bash ends words at `=` and `:`, so that the line is split here, and the part before them is cut off again. */
const BASH = `# Completion of imgproc for bash. In ~/.bashrc: eval "$(imgproc completion bash)"
_imgproc() {
  local line=\${COMP_LINE:0:COMP_POINT} word typed cut IFS=$' \\t\\n'
  local -a words=() found=()
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  typed=\${words[-1]}
  while IFS= read -r word; do
    found+=("\${word%%$'\\t'*}")
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  if [[ \${found[0]-} == '${FILES}' ]]; then
    compopt -o default
    return
  fi
  cut=\${typed%"\${typed##*[=:]}"}
  [[ $COMP_WORDBREAKS == *[=:]* ]] || cut=
  for word in "\${found[@]}"; do
    [[ $word == "$typed"* ]] || continue
    COMPREPLY+=("\${word#"$cut"}")
    [[ $word == *= ]] && compopt -o nospace
  done
}
complete -F _imgproc imgproc
`

const ZSH = `#compdef imgproc
# Completion of imgproc for zsh. In ~/.zshrc, behind compinit: eval "$(imgproc completion zsh)"
_imgproc() {
  local -a lines with without meanings
  local line word
  lines=("\${(@f)$("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == '${FILES}' ]]; then
    _files
    return
  fi
  for line in $lines; do
    word=\${line%%$'\\t'*}
    if [[ $word == *= ]]; then without+=($word)
    else
      with+=($word)
      meanings+=("\${line//$'\\t'/  }")
    fi
  done
  (( $#with )) && compadd -l -d meanings -a with
  (( $#without )) && compadd -S '' -a without
}
if [[ $funcstack[1] == _imgproc ]]; then _imgproc "$@"; else compdef _imgproc imgproc; fi
`

const FISH = `# Completion of imgproc for fish. In ~/.config/fish/config.fish: imgproc completion fish | source
function __imgproc_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines ($words[1] complete -- $words[2..-1] 2>/dev/null)
    if test "$lines[1]" = '${FILES}'
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $lines
    end
end
complete -c imgproc -f -a '(__imgproc_complete)'
`

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }

/** Returns the script that adds completion to a shell. */
export function shellScript(shell: Shell): string {
  return SCRIPTS[shell]
}
