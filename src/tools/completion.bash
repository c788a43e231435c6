# Completion of headroom in bash; in zsh after `autoload bashcompinit && bashcompinit`.
# Commands, options and their choices are read from the tool's own help, so that they are never old.

_headroom_commands() {
    "$1" --help 2>/dev/null | awk '/^Subcommands:/ { on = 1; next } on && /^  [a-z]/ { print $1 }
                                   on && /^[^ ]/ { exit }'
}

_headroom_options() {
    "$1" $2 --help 2>/dev/null | grep -oE '^ +(-[a-z],)?--[a-z][a-z-]*' |
        grep -oE -- '--[a-z-]+' | awk '!seen[$0]++'
}

# "{a,b}" behind an option in the help: its choices. Ports are what `info` lists.
_headroom_values() {
    if [ "$3" = --port ]; then
        "$1" info --json 2>/dev/null | grep -oE '"name": *"[a-z0-9_]+"' | cut -d'"' -f4
    else
        "$1" $2 --help 2>/dev/null |
            sed -n "s/^ *\\(-[a-z],\\)\\{0,1\\}$3 [^{]*{\\([^}]*\\)}.*/\\2/p" | tr ',' '\n'
    fi
}

_headroom() {
    local tool=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} command= words i
    local previous=${COMP_WORDS[COMP_CWORD - 1]}
    for ((i = 1; i < COMP_CWORD; ++i)); do
        [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }
    done
    COMPREPLY=()
    if [[ $current == -* ]]; then
        words=$(_headroom_options "$tool" "$command")
    elif [[ -z $command ]]; then
        words=$(_headroom_commands "$tool")
    elif [[ $previous == --* ]]; then
        words=$(_headroom_values "$tool" "$command" "$previous")
    fi
    if [[ -n $words ]]; then
        while IFS= read -r i; do COMPREPLY+=("$i"); done < <(compgen -W "$words" -- "$current")
    fi
}

# Where nothing of the above fits: files.
complete -o default -F _headroom headroom
