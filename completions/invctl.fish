# Completion of invctl in fish 3.1 or newer.

# Asks what may stand at the cursor; false where that is the name of a file, which fish knows itself.
function __invctl_ask
    set -g __invctl_candidates
    set -l typed (commandline -opc)
    set -l program invctl
    # Where a path is typed, that one is asked, and no other of the name.
    if string match -q '*/*' -- $typed[1]
        set program (string replace -r '^~/' "$HOME/" -- $typed[1])
    end
    command -q $program; or return 0
    # What the word says without its quotes, one of which may still be open.
    set -l raw (commandline -ct | string collect)
    set -l word (string unescape -- "$raw"; or string unescape -- "$raw\""; or string unescape -- "$raw'")
    set -l answer (command $program __complete $typed[2..-1] "$word" 2>/dev/null)
    test "$answer[-1]" = :0; and return 1
    set -q answer[2]; and set -g __invctl_candidates $answer[1..-2]
    return 0
end

complete -c invctl -n __invctl_ask -f -k -a '$__invctl_candidates'
