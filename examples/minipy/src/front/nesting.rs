//! How deeply a program nests, told from its tokens.
//!
//! The passes over the tree, and the destructor of the tree, call themselves for what is inside; so a program that nests
//! too deeply has to be refused before there is a tree. A tree cannot be deeper than the operators, brackets and keywords
//! that are around or to the left of a token, up to the comma or the line that ends what they apply to.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;
use ruff_text_size::{TextRange, TextSize};

use super::{Lines, SyntaxError};

/// Far more than a person writes, and less than the stack of `main` has room for.
const MAX_DEPTH: usize = 1000;

/// As in CPython.
const MAX_INDENTS: usize = 100;

/// What ends with a bracket, and the parameters of a lambda, which end with a colon.
#[derive(PartialEq)]
enum Open {
    Bracket,
    Lambda,
}

pub fn check(source: &str, lines: &Lines<'_>) -> Result<(), SyntaxError> {
    let Some(message) = excess(source) else { return Ok(()) };
    // The lexer does not say where it is. It became too deep with the first character without which it is not.
    let ends: Vec<usize> = source.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    let at = ends.partition_point(|&end| excess(&source[..end]).is_none());
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    Err(lines.error(message, TextRange::empty(TextSize::of(&source[..start]))))
}

/// What there is too much of.
fn excess(source: &str) -> Option<&'static str> {
    let mut lexer = lex(source, Mode::Module);
    let (mut depth, mut indents) = (0, 0_usize);
    // With the depth that each began at: there a comma leads back to.
    let mut open: Vec<(Open, usize)> = Vec::new();
    loop {
        let kind = lexer.next_token();
        match kind {
            TokenKind::EndOfFile => return None,
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi => {
                depth = 0;
                open.clear();
            }
            TokenKind::Comma => depth = open.last().map_or(0, |(_, begin)| *begin),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                depth += 1;
                open.push((Open::Bracket, depth));
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                while let Some((what, begin)) = open.pop() {
                    depth = begin;
                    if what == Open::Bracket {
                        break;
                    }
                }
            }
            TokenKind::Lambda => {
                depth += 1;
                open.push((Open::Lambda, depth));
            }
            TokenKind::Colon if open.last().is_some_and(|(what, _)| *what == Open::Lambda) => {
                depth = open.pop().map_or(depth, |(_, begin)| begin);
            }
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline => {}
            _ => depth += 1,
        }
        if depth > MAX_DEPTH {
            return Some("too deeply nested");
        }
        if indents > MAX_INDENTS {
            return Some("too many levels of indentation");
        }
    }
}
