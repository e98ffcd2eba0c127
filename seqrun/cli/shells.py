"""How bash, zsh and fish ask what may follow on a command line, and are told.

Each calls `seqrun` with `_SEQRUN_COMPLETE` set, and reads a line a candidate: its kind, its value and its description,
between tabs. Unlike Click's own scripts, these leave no space after what goes on (`trainer.`, `epochs=`, `configs/`),
know that bash divides words at = and @, and keep the order (the newest run first).
"""

from __future__ import annotations

import os
import re

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

OPEN = "=./"  # what a value ends in that goes on

BASH = r"""
%(complete_func)s() {
    local kind value IFS=$'\n'
    local open=1
    COMPREPLY=()
    for line in $(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \
            %(complete_var)s=bash_complete "${1/#\~/$HOME}" 2>/dev/null); do
        IFS=$'\t' read -r kind value _ <<< "$line"
        if [[ $kind == dir ]]; then
            compopt -o dirnames
        elif [[ $kind == file ]]; then
            compopt -o default
        else
            COMPREPLY+=("$value")
            [[ $value == *[%(open)s] ]] || open=0
        fi
    done
    [[ ${#COMPREPLY[@]} -gt 0 && $open == 1 ]] && compopt -o nospace
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null || complete -F %(complete_func)s %(prog_name)s
"""

ZSH = r"""
#compdef %(prog_name)s

%(complete_func)s() {
    local -a closed closed_shown open open_shown parts
    local line shown
    for line in "${(@f)$(COMP_WORDS="${(pj:\n:)${(@Q)words[1,CURRENT-1]}}"$'\n'"${(Q)PREFIX}" \
            %(complete_var)s=zsh_complete ${(Q)words[1]} 2>/dev/null)}"; do
        parts=("${(@ps:\t:)line}")
        shown="$parts[2]${parts[3]:+  -- $parts[3]}"
        if [[ $parts[1] == dir ]]; then
            _path_files -/
        elif [[ $parts[1] == file ]]; then
            _path_files -f
        elif [[ $parts[2] == *[%(open)s] ]]; then
            open+=("$parts[2]"); open_shown+=("$shown")
        elif [[ -n $parts[2] ]]; then
            closed+=("$parts[2]"); closed_shown+=("$shown")
        fi
    done
    [[ ${#closed} -gt 0 ]] && compadd -U -V seqrun -l -d closed_shown -a closed
    [[ ${#open} -gt 0 ]] && compadd -U -V seqrun_open -S '' -l -d open_shown -a open
    return 0
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef %(complete_func)s %(prog_name)s
fi
"""

FISH = r"""
function %(complete_func)s
    set -l words (commandline -opc) (commandline -ct)
    set -l joined (string join \n -- $words | string collect)
    for line in (env %(complete_var)s=fish_complete COMP_WORDS="$joined" $words[1] 2>/dev/null)
        set -l parts (string split \t -- $line)
        if test "$parts[1]" = dir
            __fish_complete_directories "$words[-1]"
        else if test "$parts[1]" = file
            __fish_complete_path "$words[-1]"
        else
            string join \t -- $parts[2..3]
        end
    end
end
complete --no-files --keep-order --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Shell(ShellComplete):
    """A shell that gives its words on lines, the last one incomplete."""

    def source(self) -> str:
        return self.source_template % {**self.source_vars(), "open": OPEN}

    def get_completion_args(self) -> tuple[list[str], str]:
        words = os.environ["COMP_WORDS"].split("\n")
        return words[1:-1], words[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        option, equals, value = incomplete.partition("=")
        if not (equals and option.startswith("--")):
            return super().get_completions(args, incomplete)
        found = super().get_completions([*args, option], value)
        return [CompletionItem(f"{option}={each.value}", each.type, each.help) for each in found]

    def format_completion(self, item: CompletionItem) -> str:
        return f"{item.type}\t{self.written(str(item.value))}\t{' '.join((item.help or '').split())}"

    def written(self, value: str) -> str:
        """Return a value as it is to stand on the line."""
        return value


class Bash(_Shell, BashComplete):
    source_template = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)
        incomplete = words.pop() if words and line[-1:] not in (" ", "\t") else ""
        return words[1:], incomplete

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return what may follow, without what bash takes for words of its own before it: all up to the last =."""
        breaks = {*os.environ.get("COMP_BREAKS", "")} & {*"=:@"}  # blanks and the like are quoted within a word
        ends = [incomplete.rfind(each) + (each != "@") for each in breaks]  # @ begins a word of bash, others end one
        known = max(0, *ends) if ends else 0
        found = super().get_completions(args, incomplete)
        return [CompletionItem(str(each.value)[known:], each.type, each.help) for each in found]

    def written(self, value: str) -> str:
        return re.sub(r"([\s'\"\\$`&|;<>()*?!#])", r"\\\1", value)


class Zsh(_Shell, ZshComplete):
    source_template = ZSH


class Fish(_Shell, FishComplete):
    source_template = FISH


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def register() -> None:
    """Have Click answer these shells as they ask here."""
    for name, shell in SHELLS.items():
        add_completion_class(shell, name)
