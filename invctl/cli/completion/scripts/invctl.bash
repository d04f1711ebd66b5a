# Completion of invctl in bash 4.4 or newer, with or without bash-completion.

# Splits what was typed as bash will, and runs none of it. Sets `words`; `word`, the last one
# without its quotes; `lead`, that part of it which readline keeps, as it replaces only what follows
# a colon, say; `quote`, where one is open; `redirected`, where the last word is a redirection's.
_invctl_split() {
    local text=$1 char kept='' begun='' i
    words=() word='' lead='' quote='' redirected=''
    for ((i = 0; i < ${#text}; i++)); do
        char=${text:i:1}
        if [[ -n $quote && $char == "$quote" ]]; then
            quote='' lead=$kept
        elif [[ $quote == \' ]]; then
            word+=$char
        elif [[ $char == \\ ]]; then
            ((++i))
            # Within double quotes a backslash is one, but before these.
            [[ $quote == \" && ${text:i:1} != [\"\\\$\`] ]] && word+=$char
            word+=${text:i:1} begun=1
        elif [[ $quote == \" ]]; then
            word+=$char
        elif [[ $char == [\'\"] ]]; then
            quote=$char kept=$lead lead=$word begun=1
        elif [[ $char == [[:space:]\<\>] ]]; then
            [[ -n $begun && -z $redirected ]] && words+=("$word")
            [[ -n $begun || $char == [\<\>] ]] && redirected=${char//[[:space:]]/}
            word='' lead='' begun=''
        else
            word+=$char begun=1
            [[ $COMP_WORDBREAKS == *"$char"* ]] && lead=$word
        fi
    done
}

# Sets `reply` to a value's rest as it has to stand on the line, after what is there already.
_invctl_quote() {
    reply=$1
    case $quote in
        \')
            reply=${reply//\'/"'\''"}
            # Readline takes a quote at the beginning for the one that is open.
            [[ $reply == \'* ]] && reply="'$reply"
            ;;
        \")
            reply=${reply//\\/\\\\} reply=${reply//\"/\\\"} reply=${reply//\$/\\\$}
            reply=${reply//\`/\\\`} reply=${reply//\!/\"\\!\"}
            ;;
        *)
            [[ -n $reply ]] && printf -v reply %q "$reply"
            # A comma means nothing where no brace is open, and none is: they are escaped.
            [[ $reply == \$\'* ]] || reply=${reply//\\,/,}
            ;;
    esac
}

_invctl() {
    local words word lead quote redirected program=invctl answer line reply
    COMPREPLY=()
    _invctl_split "${COMP_LINE:0:COMP_POINT}"
    if [[ -n $redirected ]]; then
        compopt -o default
        return
    fi
    # Where a path is typed, that one is asked, and no other of the name.
    [[ ${words[0]} == */* ]] && program=${words[0]/#\~\//$HOME/}
    # From here on what is typed and what is stored are data: nothing expands either again.
    mapfile -t answer < <(command "$program" __complete "${words[@]:1}" "$word" 2>/dev/null)
    ((${#answer[@]})) || return
    if [[ ${answer[-1]} == :0 ]]; then
        compopt -o default
        return
    fi
    [[ ${answer[-1]} == :6 ]] && compopt -o nospace
    for line in "${answer[@]:0:${#answer[@]}-1}"; do
        line=${line%%$'\t'*}
        if [[ $line == "$lead"* ]]; then
            _invctl_quote "${line:${#lead}}"
            COMPREPLY+=("$reply")
        fi
    done
}

complete -F _invctl invctl
