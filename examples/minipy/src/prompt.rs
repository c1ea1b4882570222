//! The prompt.

use std::io::{self, BufRead, IsTerminal};

use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use crate::heap::Runtime;
use crate::vm::Vm;

/// Where lines come from: the terminal, with editing, or a pipe.
enum Lines {
    Terminal(Box<DefaultEditor>),
    Pipe(io::Lines<io::StdinLock<'static>>),
}

enum Line {
    Text(String),
    Interrupted,
    End,
}

impl Lines {
    fn new() -> Self {
        match DefaultEditor::new() {
            Ok(editor) if io::stdin().is_terminal() => Lines::Terminal(Box::new(editor)),
            _ => Lines::Pipe(io::stdin().lock().lines()),
        }
    }

    fn next(&mut self, prompt: &str) -> Line {
        match self {
            Lines::Terminal(editor) => match editor.readline(prompt) {
                Ok(line) => {
                    let _ = editor.add_history_entry(&line);
                    Line::Text(line)
                }
                Err(ReadlineError::Interrupted) => Line::Interrupted,
                Err(_) => Line::End,
            },
            Lines::Pipe(lines) => match lines.next() {
                Some(Ok(line)) => Line::Text(line),
                _ => Line::End,
            },
        }
    }
}

/// Reads, runs and prints until the input ends. Returns the exit code.
pub fn run<H: Runtime>(vm: &Vm<H>) -> u8 {
    let mut lines = Lines::new();
    let mut source = String::new();
    loop {
        match lines.next(if source.is_empty() { ">>> " } else { "... " }) {
            Line::End => return 0,
            Line::Interrupted => {
                vm.write_error("KeyboardInterrupt\n");
                source.clear();
                continue;
            }
            Line::Text(line) => {
                // A block ends with an empty line.
                let in_block = source.lines().next().is_some_and(|first| first.trim_end().ends_with(':'))
                    || source.starts_with('@');
                let complete = !in_block || line.is_empty();
                source.push_str(&line);
                source.push('\n');
                if source.trim().is_empty() {
                    source.clear();
                    continue;
                }
                if !complete || source.lines().count() == 1 && (line.trim_end().ends_with(':') || line.starts_with('@'))
                {
                    continue;
                }
            }
        }
        match vm.run_source(&source, true) {
            Ok(Ok(())) => {}
            Ok(Err(raise)) if vm.is_a(&raise, "SystemExit") => return crate::exit_code(vm, &raise),
            Ok(Err(raise)) => vm.print_exception(&raise),
            Err(error) if error.incomplete && !source.ends_with("\n\n") => continue,
            Err(error) => crate::print_syntax_error(vm, &error),
        }
        vm.flush();
        source.clear();
    }
}
