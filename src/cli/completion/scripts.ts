// Each script asks the client itself (`__complete`), so it never goes stale. The last line of an answer is `:4`
// when the shell shall not offer files, `:0` when it may.

export const bashScript = (
  programs: readonly string[],
): string => `# Completion for bash: source <(berth completion bash)
_berth_complete() {
  local IFS=$'\\n' line words directive
  COMPREPLY=()
  words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  while read -r line; do
    case $line in
      :*) directive=\${line#:} ;;
      *) line=\${line%%$'\\t'*}; [[ $line == "$2"* || $line == "\${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$line") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete "\${words[@]}" 2>/dev/null)
  case \${directive:-4} in
    0) [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$2")) ;;
  esac
  # bash splits words at colons: give back only what follows the last one
  if [[ $2 != "\${COMP_WORDS[COMP_CWORD]}" || \${COMP_WORDS[COMP_CWORD]} == *:* ]] && type __ltrim_colon_completions >/dev/null 2>&1; then
    __ltrim_colon_completions "\${COMP_WORDS[COMP_CWORD]}"
  fi
}
complete -o default -F _berth_complete ${programs.join(' ')}
`

export const zshScript = (programs: readonly string[]): string => `#compdef ${programs.join(' ')}
# Completion for zsh: berth completion zsh >"\${fpath[1]}/_berth", or source <(berth completion zsh)
_berth() {
  local -a found
  local line directive
  while IFS='' read -r line; do
    case $line in
      :*) directive=\${line#:} ;;
      *) line=\${line//:/\\\\:}; found+=("\${line/$'\\t'/:}") ;;
    esac
  done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe -V 'completions' found
  elif [[ \${directive:-4} == 0 ]]; then
    _files
  fi
}
compdef _berth ${programs.join(' ')}
`

export const fishScript = (
  programs: readonly string[],
): string => `# Completion for fish: berth completion fish | source
function __berth_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l program $words[1]
  $program __complete $words[2..-1] 2>/dev/null | string match -v -r '^:\\d+$'
end
${programs.map(program => `complete -c ${program} -f -a '(__berth_complete)'`).join('\n')}
`
