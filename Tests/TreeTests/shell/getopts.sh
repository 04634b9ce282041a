#!/bin/bash
# Options, their arguments, errors, and what is left.
parse() {
    local OPTIND=1 OPTARG option
    while getopts ':ab:c' option; do
        case $option in
            a | c) echo "flag $option" ;;
            b) echo "b=$OPTARG" ;;
            :) echo "$OPTARG wants an argument" ;;
            \?) echo "no option $OPTARG" ;;
        esac
    done
    shift $((OPTIND - 1))
    echo "rest: $*"
}
parse -a -b value one two
parse -acbvalue -- -x
parse -z -b
parse
