#!/usr/bin/env bash
# Makes the pictures of the README again: what a run prints, the board of watch, the first page of the brief.
#
#   scripts/pictures.sh      needs tmux, pdftoppm, and Python with the package rich
#
# The pictures are looked at by a person, so this is no test; run it when what they show has changed.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked
rollcall=$PWD/${CARGO_TARGET_DIR:-target}/release/rollcall
case ${CARGO_TARGET_DIR:-} in /*) rollcall=$CARGO_TARGET_DIR/release/rollcall ;; esac
reports=$PWD/reports
work=$(mktemp -d)
trap 'rm -rf "$work"; tmux kill-session -t rollcall-pictures 2> /dev/null || true' EXIT
cd "$work"

# screen WIDTH HEIGHT COMMAND: a terminal of this size, in which the command has been started.
screen() {
    tmux -f /dev/null new-session -d -s rollcall-pictures -x "$1" -y "$2" "env -u NO_COLOR TERM=xterm-256color $3; sleep 600"
}
# capture TITLE FILE: what is on the screen, as a picture.
capture() {
    tmux capture-pane -e -p -t rollcall-pictures > screen.txt
    tmux kill-session -t rollcall-pictures
    python3 - "$1" "$2" << 'PYTHON'
import sys
from rich.console import Console
from rich.text import Text
title, file = sys.argv[1:]
text = Text.from_ansi(open("screen.txt").read().rstrip("\n"))
console = Console(record=True, width=max(map(len, text.plain.splitlines())), file=open("/dev/null", "w"))
console.print(text, no_wrap=True)
console.save_svg(file, title=title)
PYTHON
}

screen 100 88 "$rollcall run"
until tmux capture-pane -p -t rollcall-pictures | grep -q '^Took'; do sleep 1; done
capture 'rollcall run' "$reports/run.svg"

pdftoppm -png -r 110 -f 1 -l 1 -singlefile reports/policy_brief.pdf "$reports/brief"

"$rollcall" generate --students 10000 --days 181 feed > /dev/null
screen 120 36 "$rollcall watch feed --out watched --pace 8/s"
until tmux capture-pane -p -t rollcall-pictures | grep -q '2026-03-09'; do sleep 0.1; done
tmux send-keys -t rollcall-pictures Space
sleep 1
capture 'rollcall watch feed' "$reports/watch.svg"
