# Completion of invctl in fish 3.1 or newer.

# Asks what may stand at the cursor; false where that is the name of a file, which is fish's own.
function __invctl_ask
    set -l typed (commandline -opc)
    set -l word (commandline -oct)
    set -g __invctl_candidates
    set -l answer (command invctl __complete $typed[2..-1] "$word" 2>/dev/null)
    test "$answer[-1]" = :0; and return 1
    set -g __invctl_candidates $answer[1..-2]
    return 0
end

complete -c invctl -n __invctl_ask -f -k -a '$__invctl_candidates'
