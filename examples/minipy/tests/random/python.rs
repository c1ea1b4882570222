//! CPython as an oracle: one process for many programs, as starting it takes longer than most of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Reads programs, each with its length on a line before it; answers with exit code, type of the exception, output.
const SERVER: &str = "
import gc, io, sys
if sys.version_info < (3, 11):
    sys.exit()
gc.disable()
source, answer = sys.stdin.buffer, sys.stdout.buffer
answer.write(b'ready\\n')
answer.flush()
while line := source.readline():
    program, out, code, error = source.read(int(line)), io.StringIO(), 0, ''
    sys.stdout = out
    try:
        exec(compile(program, 'program.py', 'exec'), {'__name__': '__main__'})
    except SystemExit as exit:
        code = exit.code or 0
    except BaseException as exception:
        code, error = 1, type(exception).__name__
    gc.collect()
    text = out.getvalue().encode()
    answer.write(b'%d %d %s\\n' % (code, len(text), error.encode()) + text)
    answer.flush()
";

pub struct Python {
    process: Child,
    programs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a program did.
pub struct Answer {
    pub out: String,
    pub code: u8,
    pub error: String,
}

impl Python {
    /// Starts it, if there is one that is new enough.
    pub fn start() -> Option<Self> {
        let python = std::env::var("MINIPY_PYTHON").unwrap_or_else(|_| "python3".into());
        let mut command = Command::new(&python);
        command.args(["-c", SERVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = command.spawn().ok().and_then(|mut process| {
            let programs = process.stdin.take()?;
            let mut answers = BufReader::new(process.stdout.take()?);
            let mut ready = String::new();
            answers.read_line(&mut ready).ok().filter(|_| ready == "ready\n")?;
            Some(Python { process, programs, answers })
        });
        if started.is_none() {
            eprintln!("no CPython 3.11 as `{python}`: nothing to compare with");
        }
        started
    }

    pub fn run(&mut self, source: &str) -> Answer {
        write!(self.programs, "{}\n{source}", source.len()).and_then(|()| self.programs.flush()).expect("it listens");
        let mut head = String::new();
        self.answers.read_line(&mut head).expect("it answers");
        let mut parts = head.trim_end_matches('\n').splitn(3, ' ');
        let code = parts.next().and_then(|code| code.parse().ok()).expect("an exit code comes first");
        let len = parts.next().and_then(|len| len.parse().ok()).expect("then a length");
        let error = parts.next().unwrap_or_default().to_owned();
        let mut out = vec![0; len];
        self.answers.read_exact(&mut out).expect("it answers");
        Answer { out: String::from_utf8_lossy(&out).into_owned(), code, error }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
