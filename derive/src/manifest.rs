//! Reads what is needed of a manifest: its strings, and `true`.
//!
//! A crate that reads TOML would take a fifth of the time to build a small program. Cargo has read the manifest before, so nothing
//! needs to be said of one that is wrong: reading ends where it is not understood.

/// Calls `each` with the path of every string in a TOML document, and of every other value that is not a table, such as `true`.
/// What is in arrays is left out.
pub(crate) fn each_string_or_flag(document: &str, each: impl FnMut(&[String], &str)) {
    let document = document.strip_prefix('\u{feff}').unwrap_or(document);
    let _ = Reader { rest: document, path: Vec::new(), arrays: 0, each }.document();
}

struct Reader<'a, F> {
    rest: &'a str,
    /// The keys that lead to where we are.
    path: Vec<String>,
    /// How many arrays we are in.
    arrays: usize,
    each: F,
}

impl<F: FnMut(&[String], &str)> Reader<'_, F> {
    fn document(&mut self) -> Option<()> {
        loop {
            self.skip_blank();
            if self.rest.is_empty() {
                return Some(());
            }
            if self.take("[") {
                let is_array = self.take("[");
                self.path.clear();
                self.key()?;
                self.expect(if is_array { "]]" } else { "]" })?;
            } else {
                self.entry()?;
            }
        }
    }

    /// `key = value`
    fn entry(&mut self) -> Option<()> {
        let depth = self.path.len();
        self.key()?;
        self.expect("=")?;
        self.value()?;
        self.path.truncate(depth);
        Some(())
    }

    /// Puts the parts of a key on the path.
    fn key(&mut self) -> Option<()> {
        loop {
            self.skip_spaces();
            let part = if self.rest.starts_with(['"', '\'']) {
                self.string()?
            } else {
                self.word(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))?.to_owned()
            };
            self.path.push(part);
            self.skip_spaces();
            if !self.take(".") {
                return Some(());
            }
        }
    }

    fn value(&mut self) -> Option<()> {
        self.skip_spaces();
        if self.rest.starts_with(['"', '\'']) {
            let string = self.string()?;
            self.tell(&string);
        } else if self.take("{") {
            self.list("}", Self::entry)?;
        } else if self.take("[") {
            self.arrays += 1;
            self.list("]", Self::value)?;
            self.arrays -= 1;
        } else {
            let word = self.word(|c| !matches!(c, ',' | ']' | '}' | '#' | '\r' | '\n'))?.trim_end().to_owned();
            self.tell(&word);
        }
        Some(())
    }

    fn tell(&mut self, value: &str) {
        if self.arrays == 0 {
            (self.each)(&self.path, value);
        }
    }

    /// What stands between brackets, separated by commas, up to `end`.
    fn list(&mut self, end: &str, item: fn(&mut Self) -> Option<()>) -> Option<()> {
        loop {
            self.skip_blank();
            if self.take(end) {
                return Some(());
            }
            item(self)?;
            self.skip_blank();
            if !self.take(",") {
                return self.expect(end);
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        for (quotes, escapes) in [("\"\"\"", true), ("'''", false), ("\"", true), ("'", false)] {
            if self.take(quotes) {
                return self.string_up_to(quotes, escapes);
            }
        }
        None
    }

    fn string_up_to(&mut self, quotes: &str, escapes: bool) -> Option<String> {
        if quotes.len() == 3 && !self.take("\n") {
            self.take("\r\n");
        }
        let mut string = String::new();
        loop {
            if self.take(quotes) {
                // Up to two more quotes belong to the string.
                while quotes.len() == 3 && self.rest.starts_with(&quotes[..1]) {
                    string.push(self.next()?);
                }
                return Some(string);
            }
            match self.next()? {
                '\\' if escapes => self.escaped(&mut string)?,
                c => string.push(c),
            }
        }
    }

    fn escaped(&mut self, string: &mut String) -> Option<()> {
        let (digits, plain) = match self.next()? {
            'b' => (0, '\u{8}'),
            't' => (0, '\t'),
            'n' => (0, '\n'),
            'f' => (0, '\u{c}'),
            'r' => (0, '\r'),
            'e' => (0, '\u{1b}'),
            'x' => (2, ' '),
            'u' => (4, ' '),
            'U' => (8, ' '),
            // The line goes on in the next one that is not blank.
            c if c.is_whitespace() => {
                self.rest = self.rest.trim_start();
                return Some(());
            }
            c => (0, c),
        };
        if digits == 0 {
            string.push(plain);
            return Some(());
        }
        let (code, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        string.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        Some(())
    }

    fn word(&mut self, is_part: impl Fn(char) -> bool) -> Option<&str> {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        Some(next)
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) -> Option<()> {
        self.skip_spaces();
        self.take(text).then_some(())
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Blanks, ends of lines and comments.
    fn skip_blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: &str) -> Vec<String> {
        let mut found = Vec::new();
        each_string_or_flag(document, |path, value| found.push(format!("{}={value}", path.join("/"))));
        found
    }

    #[test]
    fn tables_and_keys() {
        let document = "\u{feff}a = 'b' # c\n\n[ d . \"e.f\" ]\r\ng.h = true\r\ni={j='k' , l = { m = \"n\" }}\n[[o]]\np = 1.5\n[[o]]\np = 2";
        assert_eq!(read(document), ["a=b", "d/e.f/g/h=true", "d/e.f/i/j=k", "d/e.f/i/l/m=n", "o/p=1.5", "o/p=2"]);
    }

    #[test]
    fn strings() {
        let document =
            "a = \"\\\"\\t\\u00e9\\\\\"\nb = '\\t\"'\nc = \"\"\"\nx\\\n   y\"z\"\"\"\"\nd = '''\n'e'''\nf = \"\"";
        assert_eq!(read(document), ["a=\"\té\\", "b=\\t\"", "c=xy\"z\"", "d='e", "f="]);
    }

    #[test]
    fn arrays_are_left_out() {
        assert_eq!(
            read("a = [ 'b', [1, 2], # ]\n { c = 'd' },\n]\ne = 1979-05-27 07:32:00 # f"),
            ["e=1979-05-27 07:32:00"]
        );
    }

    /// Reading ends where the document is wrong, and does not panic.
    #[test]
    fn wrong_documents() {
        let document = "[a.b]\nc = { d = \"\\u00e9\", e = ['f'] }\n[[g]]\nh = \"\"\"i\"\"\"";
        for end in (0..document.len()).filter(|end| document.is_char_boundary(*end)) {
            assert!(read(&document[..end]).len() <= 2);
        }
        assert_eq!(read("a = 'b'\nc d\ne = 'f'"), ["a=b"]);
        assert_eq!(read("a = \"\\uzzzz\""), [""; 0]);
    }
}
